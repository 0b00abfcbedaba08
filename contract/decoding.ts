/** How text is decoded: what a request may say besides its samplers, and what comes back. */
import { z } from 'zod';
import { ModelId } from './ids.ts';

/** Kinds of weights that a model folder may hold side by side. */
export const weightFormats = [
  'fp32',
  'fp16',
  'q8',
  'int8',
  'uint8',
  'q4',
  'q4f16',
  'bnb4',
] as const;
export type WeightFormat = (typeof weightFormats)[number];

export const ChatMessage = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().max(1_000_000),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** Tokens that something cheaper guesses and the model checks several at a time. */
export const DraftSettings = z.discriminatedUnion('kind', [
  /** Guesses that the text goes on as it did where its last `ngram` tokens stood before. */
  z.object({
    kind: z.literal('prompt-lookup'),
    ngram: z.number().int().min(1).max(16).default(3),
    tokens: z.number().int().min(1).max(64).default(8),
  }),
  /** A smaller model with the same vocabulary. */
  z.object({
    kind: z.literal('model'),
    modelId: ModelId,
    tokens: z.number().int().min(1).max(64).default(4),
  }),
]);
export type DraftSettings = z.infer<typeof DraftSettings>;

/** As in transformers: sum of log-probabilities ÷ length ^ `lengthPenalty`. */
export const BeamSettings = z.object({
  numBeams: z.number().int().min(2).max(32),
  lengthPenalty: z.number().min(-10).max(10).default(1),
  /** Ends once there are `numBeams` whole texts; `never` only when none could become better. */
  earlyStopping: z.union([z.boolean(), z.literal('never')]).default(false),
});
export type BeamSettings = z.infer<typeof BeamSettings>;

/**
 * `exact` re-uses what the model has seen of the prompt only where that gives the same bits as seeing it
 * anew, so that a seed means the same text. `full` re-uses all of it: faster after edits near the end,
 * and rounding may then choose another word. `none` begins anew.
 */
export const prefixReuses = ['exact', 'full', 'none'] as const;
export type PrefixReuse = (typeof prefixReuses)[number];

/** Fields of a request for text, next to its samplers. */
export const decodingFields = {
  /** In place of `prompt`: turns, put together by the model's own template. */
  messages: z.array(ChatMessage).min(1).max(10_000).nullable().default(null),
  /** Null takes the most exact that the model has. */
  weights: z.enum(weightFormats).nullable().default(null),
  /** Characters at the start of the prompt that are kept when it is too long, such as a memory. */
  pinnedCharacters: z.number().int().min(0).default(0),
  prefixReuse: z.enum(prefixReuses).default('exact'),
  draft: DraftSettings.nullable().default(null),
  /** Searches for the likeliest text; samplers and seed are not used then. */
  beams: BeamSettings.nullable().default(null),
};

/** Tokens of the whole prompt, from `start` up to `end`. */
export const TokenRange = z.object({ start: z.number().int(), end: z.number().int() });
export type TokenRange = z.infer<typeof TokenRange>;

/** Of a `start` event. */
export const promptFields = {
  /** What the model reads, of the prompt's `promptTokens + droppedTokens` tokens. */
  keptRanges: z.array(TokenRange),
  /** What did not fit. */
  cutRanges: z.array(TokenRange),
  /** Tokens that the model had seen in an earlier request and that were not computed anew. */
  reusedTokens: z.number().int(),
  /** Whether the same request begun anew would give the same bits. */
  isReproducible: z.boolean(),
};

/** Of a `done` event. */
export const draftFields = {
  draftedTokens: z.number().int(),
  acceptedTokens: z.number().int(),
};

export const PrefillEvent = z.object({
  kind: z.literal('prefill'),
  /** Tokens of the prompt that the model has seen, of `total`. */
  done: z.number().int(),
  total: z.number().int(),
});
