/** Text generation for the plain page and the CLI. */
import { z } from 'zod';
import { decodingFields, draftFields, PrefillEvent, promptFields } from './decoding.ts';
import { ModelId } from './ids.ts';
import { Seed } from './image-request.ts';
import { stream } from './rpc.ts';

/** What may happen to the distribution over the next token, each at most once; see `SamplingSettings.order`. */
export const samplerStages = [
  'penalties',
  'no-repeat-ngram',
  'dry',
  'top-n-sigma',
  'top-k',
  'typical',
  'top-p',
  'min-p',
  'xtc',
  'temperature',
] as const;
export type SamplerStage = (typeof samplerStages)[number];

/** llama.cpp's order, with the stage that it lacks beside its kin; and that of transformers, likewise. */
export const samplerOrders = {
  'llama.cpp': samplerStages,
  'hugging-face': [
    'penalties',
    'no-repeat-ngram',
    'dry',
    'temperature',
    'top-k',
    'top-p',
    'min-p',
    'typical',
    'top-n-sigma',
    'xtc',
  ],
} as const satisfies Record<string, readonly SamplerStage[]>;

/**
 * How a token is drawn. Every field may be left out and then changes nothing.
 * The same numbers mean the same as in llama.cpp and transformers.
 */
export const SamplingSettings = z.object({
  /** 0 takes the likeliest token; then only biases and penalties are applied. */
  temperature: z.number().min(0).max(5).default(1),
  /** Temperature where the model is certain. */
  dynamicTemperatureLow: z.number().min(0).max(5).default(0),
  /** Temperature where the model knows nothing. 0 is off; else it stands in for `temperature`, except for 0. */
  dynamicTemperatureHigh: z.number().min(0).max(5).default(0),
  /** How the temperature rises in between: 1 is straight, above 1 late, below 1 early. */
  dynamicTemperatureExponent: z.number().min(0.01).max(10).default(1),
  /** 0 is off. */
  topK: z.number().int().min(0).max(100_000).default(0),
  /** 1 is off. */
  topP: z.number().min(0).max(1).default(1),
  /** 0 is off. */
  minP: z.number().min(0).max(1).default(0),
  /** 1 is off. */
  typicalP: z.number().min(0).max(1).default(1),
  /** 0 is off. */
  topNSigma: z.number().min(0).max(20).default(0),
  /** How often the likeliest tokens are left out; 0 is off. */
  xtcProbability: z.number().min(0).max(1).default(0),
  /** Probability from which a token counts as likely; above 0.5 is off. */
  xtcThreshold: z.number().min(0).max(1).default(0.1),
  /** 0 is off. */
  dryMultiplier: z.number().min(0).max(100).default(0),
  dryBase: z.number().min(1).max(10).default(1.75),
  /** Longest repeat, in tokens, that costs nothing to go on with. */
  dryAllowedLength: z.number().int().min(1).max(1000).default(2),
  /** How many of the last tokens are searched for repeats. */
  dryWindow: z.number().int().min(0).max(100_000).default(100_000),
  /** A repeat is not followed across any of these. */
  dryBreakers: z.array(z.string().min(1).max(100)).max(64).default(['\n', ':', '"', '*']),
  /** 1 is off. */
  repetitionPenalty: z.number().min(0.1).max(10).default(1),
  /** Taken from the logit for each time that the token occurred; 0 is off. */
  frequencyPenalty: z.number().min(-10).max(10).default(0),
  /** Taken from the logit of a token that occurred at all; 0 is off. */
  presencePenalty: z.number().min(-10).max(10).default(0),
  /** How many of the last tokens the three penalties look at. */
  penaltyWindow: z.number().int().min(0).max(100_000).default(256),
  /** No sequence of this many tokens occurs twice; 0 is off. */
  noRepeatNgram: z.number().int().min(0).max(100).default(0),
  /** Surprise to keep to, in bits per token; 0 is off. On, it cuts in place of every `top-…`, `typical`, `min-p` and `xtc`. */
  mirostatTau: z.number().min(0).max(20).default(0),
  /** How fast Mirostat corrects itself. */
  mirostatEta: z.number().min(0).max(1).default(0.1),
  /** Stages in the order in which they are applied; one that is not named is not applied. */
  order: z
    .array(z.enum(samplerStages))
    .refine((order) => new Set(order).size === order.length, 'A stage is named twice.')
    .default([...samplerOrders['llama.cpp']]),
});
export type SamplingSettings = z.infer<typeof SamplingSettings>;

/** A form that the text must take, from its first token to its end. */
export const WriteConstraint = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('json-schema'),
    schema: z.union([z.record(z.string(), z.json()), z.boolean()]),
  }),
  /** llama.cpp's notation; the text is what `root` stands for. */
  z.object({ kind: z.literal('grammar'), gbnf: z.string().min(1).max(1_000_000) }),
  /** Matches the whole text. */
  z.object({ kind: z.literal('regex'), pattern: z.string().min(1).max(100_000) }),
]);
export type WriteConstraint = z.infer<typeof WriteConstraint>;

export const LogitBias = z.object({
  /** An id, or a text: then each token of it. */
  token: z.union([z.number().int().nonnegative(), z.string().min(1).max(1000)]),
  /** Added to the logit; JSON has no −∞, which is `ban`. */
  bias: z.union([z.number().min(-1000).max(1000), z.literal('ban')]),
});
export type LogitBias = z.infer<typeof LogitBias>;

export const WriteRequest = z.object({
  modelId: ModelId,
  /** As long as contexts become; what does not fit the model's is cut. */
  prompt: z.string().max(20_000_000).default(''),
  maxTokens: z.number().int().min(1).max(100_000).default(120),
  sampling: SamplingSettings.default(() => SamplingSettings.parse({})),
  seed: Seed.nullable().default(null),
  /** Generation ends before any of these; they may span tokens. */
  stop: z.array(z.string().min(1).max(1000)).max(32).default([]),
  /** Alternatives reported per token, with probabilities. */
  topAlternatives: z.number().int().min(0).max(20).default(0),
  logitBias: z.array(LogitBias).max(10_000).default([]),
  /** Never written, in capitals or not, also across tokens: where one comes about, the text goes another way. */
  bannedPhrases: z.array(z.string().min(1).max(1000)).max(1000).default([]),
  constraint: WriteConstraint.nullable().default(null),
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
