/** Text generation for the plain page and the CLI. */
import { z } from 'zod';
import { decodingFields, draftFields, PrefillEvent, promptFields } from './decoding.ts';
import { ModelId } from './ids.ts';
import { PromptText, Seed } from './image-request.ts';
import { stream } from './rpc.ts';

export const SamplingSettings = z.object({
  /** 0 is greedy. */
  temperature: z.number().min(0).max(5),
  /** 0 is off. */
  topK: z.number().int().min(0).max(100_000),
  /** 1 is off. */
  topP: z.number().min(0).max(1),
  /** 0 is off. */
  minP: z.number().min(0).max(1),
  /** 1 is off. */
  repetitionPenalty: z.number().min(0.1).max(10),
  /** How many of the last tokens the penalty looks at. */
  penaltyWindow: z.number().int().min(0).max(100_000).default(256),
});
export type SamplingSettings = z.infer<typeof SamplingSettings>;

export const WriteRequest = z.object({
  modelId: ModelId,
  prompt: PromptText.default(''),
  maxTokens: z.number().int().min(1).max(100_000).default(120),
  sampling: SamplingSettings,
  seed: Seed.nullable().default(null),
  /** Generation ends before any of these; they may span tokens. */
  stop: z.array(z.string().min(1).max(1000)).max(32).default([]),
  /** Alternatives reported per token, with probabilities. */
  topAlternatives: z.number().int().min(0).max(20).default(0),
  ...decodingFields,
});
export type WriteRequest = z.infer<typeof WriteRequest>;

export const TokenAlternative = z.object({
  tokenId: z.number().int(),
  text: z.string(),
  probability: z.number(),
});
export type TokenAlternative = z.infer<typeof TokenAlternative>;

export const WriteEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    seed: Seed,
    promptTokens: z.number().int(),
    /** Tokens of the prompt that did not fit the context and were left out. */
    droppedTokens: z.number().int(),
    ...promptFields,
  }),
  PrefillEvent,
  z.object({
    kind: z.literal('token'),
    tokenId: z.number().int(),
    /** Whole characters only: a character split over tokens arrives with its last token. */
    text: z.string(),
    /** Probability under the model before any sampler changed the distribution. */
    probability: z.number(),
    /** −log₂ of that probability. */
    surprisalBits: z.number(),
    alternatives: z.array(TokenAlternative),
  }),
  z.object({
    kind: z.literal('done'),
    reason: z.enum(['end-of-text', 'max-tokens', 'stop-string', 'context-full']),
    tokens: z.number().int(),
    tokensPerSecond: z.number(),
    ...draftFields,
  }),
]);
export type WriteEvent = z.infer<typeof WriteEvent>;

/** Of several texts that are written side by side; what concerns them all names none. */
export const AlternativeEvent = z.object({
  alternative: z.number().int().nullable(),
  event: WriteEvent,
});
export type AlternativeEvent = z.infer<typeof AlternativeEvent>;

/** Text `i` has the request's seed + `i`. */
export const alternativeCount = z.number().int().min(1).max(16);

export const writeContract = {
  'write.generate': stream(WriteRequest, WriteEvent),
  'write.alternatives': stream(
    z.object({ request: WriteRequest, count: alternativeCount }),
    AlternativeEvent,
  ),
} as const;
