/**
 * How many tokens a text has for a model, asked of the engine.
 *
 * Promises: a text is counted once; a long one stretch by stretch, so that typing at its end counts the last
 * stretch anew and no more.
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { TextToken, TokenizeRequest } from '../../../../contract/reading.ts';

/** A token and its place in the text. */
export type TokenSpan = Pick<TextToken, 'tokenId' | 'start' | 'end' | 'isSpecial'>;

/**
 * Of a text or of turns: the tokens, with what the model's tokenizer and template put around them.
 * @throws {StudioError} `unsupported` for turns that the model has no template for
 */
export type Tokenize = (
  request: Pick<z.input<typeof TokenizeRequest>, 'modelId' | 'prompt' | 'messages' | 'maxTokens'>,
  signal: AbortSignal,
) => Promise<{ readonly text: string; readonly tokens: readonly TokenSpan[] }>;

export interface TokenCounter {
  count(modelId: string, text: string, signal: AbortSignal): Promise<number>;
}

const stretchCharacters = 8192;
const mostKept = 20_000;

export function createTokenCounter(tokenize: Tokenize): TokenCounter {
  const known = new Map<string, number>();

  async function countStretch(modelId: string, text: string, signal: AbortSignal): Promise<number> {
    const key = `${modelId} ${createHash('sha256').update(text).digest('base64')}`;
    const before = known.get(key);
    if (before !== undefined) {
      // The map keeps its order of insertion: what is used again is dropped last.
      known.delete(key);
      known.set(key, before);
      return before;
    }
    const { tokens } = await tokenize({ modelId, prompt: text }, signal);
    const own = tokens.filter(({ isSpecial, start, end }) => !isSpecial || end > start);
    known.set(key, own.length);
    for (const oldest of known.keys()) {
      if (known.size <= mostKept) break;
      known.delete(oldest);
    }
    return own.length;
  }

  return {
    async count(modelId, text, signal) {
      if (text === '') return 0;
      let sum = 0;
      for (const stretch of stretchesOf(text)) sum += await countStretch(modelId, stretch, signal);
      return sum;
    },
  };
}

/**
 * Cuts before line breaks, counted from the beginning: tokenizers hardly ever join what a line break parts, so
 * that the counts add up.
 */
export function stretchesOf(text: string): readonly string[] {
  const stretches: string[] = [];
  let from = 0;
  while (text.length - from > stretchCharacters * 2) {
    const at = text.indexOf('\n', from + stretchCharacters);
    const to = at < 0 || at > from + 2 * stretchCharacters ? from + stretchCharacters : at;
    stretches.push(text.slice(from, to));
    from = to;
  }
  stretches.push(text.slice(from));
  return stretches;
}
