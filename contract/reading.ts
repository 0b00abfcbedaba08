/** What a language model makes of a text that is there: its tokens, and how it would have gone on at each. */
import { z } from 'zod';
import { ChatMessage, TokenRange, weightFormats } from './decoding.ts';
import { ModelId } from './ids.ts';
import { call, stream } from './rpc.ts';
import { SamplingSettings, samplerStages, TokenAlternative } from './write.ts';

const LongText = z.string().max(20_000_000);

export const TextToken = z.object({
  tokenId: z.number().int(),
  /** The token alone; parts of characters show as U+FFFD. Special tokens as they are written. */
  text: z.string(),
  /**
   * Place in the text, UTF-16 units. Of a character that is split over tokens only the last has a
   * place of some length; what the tokenizer adds has none.
   */
  start: z.number().int(),
  end: z.number().int(),
  isSpecial: z.boolean(),
});
export type TextToken = z.infer<typeof TextToken>;

export const ScoreRequest = z.object({
  modelId: ModelId,
  text: LongText,
  topAlternatives: z.number().int().min(0).max(20).default(0),
  weights: z.enum(weightFormats).nullable().default(null),
});
export type ScoreRequest = z.infer<typeof ScoreRequest>;

export const ScoredToken = TextToken.extend({
  /** −log₂ of the probability that the model gave it; null for the first, which follows nothing. */
  surprisalBits: z.number().nullable(),
  probability: z.number().nullable(),
  /** What the model would have expected here, likeliest first. */
  alternatives: z.array(TokenAlternative),
});
export type ScoredToken = z.infer<typeof ScoredToken>;

export const ScoreEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tokens'),
    tokens: z.array(ScoredToken),
    /** Tokens scored so far, of `total`. */
    done: z.number().int(),
    total: z.number().int(),
  }),
  z.object({
    kind: z.literal('done'),
    tokens: z.number().int(),
    /** Mean over the tokens that follow something; 2 to its power is the perplexity per token. */
    meanSurprisalBits: z.number(),
  }),
]);
export type ScoreEvent = z.infer<typeof ScoreEvent>;

/** As the same fields of a request for text. */
export const TokenizeRequest = z.object({
  modelId: ModelId,
  prompt: LongText.default(''),
  messages: z.array(ChatMessage).min(1).max(10_000).nullable().default(null),
  maxTokens: z.number().int().min(1).max(100_000).default(120),
  pinnedCharacters: z.number().int().min(0).default(0),
});
export type TokenizeRequest = z.infer<typeof TokenizeRequest>;

/** What the model would read. */
export const TokenizedPrompt = z.object({
  /** The prompt, or the turns put together. */
  text: z.string(),
  tokens: z.array(TextToken),
  keptRanges: z.array(TokenRange),
  cutRanges: z.array(TokenRange),
  contextLength: z.number().int(),
});
export type TokenizedPrompt = z.infer<typeof TokenizedPrompt>;

/** A text with the samplers with which it would go on; the other fields as in a request for text. */
export const NextTokenRequest = TokenizeRequest.extend({
  weights: z.enum(weightFormats).nullable().default(null),
  sampling: SamplingSettings.default(() => SamplingSettings.parse({})),
  /** How many of the likeliest are told, of those before the samplers and of those after them. */
  topTokens: z.number().int().min(1).max(100).default(20),
});
export type NextTokenRequest = z.infer<typeof NextTokenRequest>;

/** What can take a token out of the running: a stage, Mirostat in their place, or temperature 0. */
export const tokenCutters = [...samplerStages, 'mirostat', 'greedy'] as const;
export type TokenCutter = (typeof tokenCutters)[number];

export const NextToken = z.object({
  tokenId: z.number().int(),
  /** The token alone; parts of characters show as U+FFFD. */
  text: z.string(),
  /** Whether the text ends with it. */
  isEnd: z.boolean(),
  /** Under the model, before any sampler. */
  probability: z.number(),
  /** With which it is drawn; where a stage acts by chance, over what it may do. */
  drawnProbability: z.number(),
  /** What takes it out of the running, always or by chance; null where nothing does. */
  cutBy: z.enum(tokenCutters).nullable(),
});
export type NextToken = z.infer<typeof NextToken>;

/** What may come next, and what the samplers make of it. */
export const NextTokens = z.object({
  /** Likeliest under the model first. */
  tokens: z.array(NextToken),
  /** Entropies of both distributions, bits; the second where a stage acts by chance is the mean. */
  entropyBits: z.number(),
  drawnEntropyBits: z.number(),
  /** In order, what took tokens out, and how many were left. */
  cuts: z.array(z.object({ by: z.enum(tokenCutters), tokensLeft: z.number().int() })),
  vocabularySize: z.number().int(),
});
export type NextTokens = z.infer<typeof NextTokens>;

export const readingContract = {
  'write.score': stream(ScoreRequest, ScoreEvent),
  'write.tokenize': call(TokenizeRequest, TokenizedPrompt),
  /** What would be drawn from next: one step of a text that is not written. */
  'write.nextTokens': call(NextTokenRequest, NextTokens),
} as const;
