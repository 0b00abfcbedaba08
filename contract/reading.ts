/** What a language model makes of a text that is there: its tokens, and how it would have gone on at each. */
import { z } from 'zod';
import { ChatMessage, TokenRange, weightFormats } from './decoding.ts';
import { ModelId } from './ids.ts';
import { call, stream } from './rpc.ts';
import { TokenAlternative } from './write.ts';

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

export const readingContract = {
  'write.score': stream(ScoreRequest, ScoreEvent),
  'write.tokenize': call(TokenizeRequest, TokenizedPrompt),
} as const;
