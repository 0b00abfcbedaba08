/** What of a context the model knows from what it read last. */
import type { BuiltContext, ContextPart } from '../../../../contract/context.ts';
import type { TokenSpan, Tokenize } from './count-tokens.ts';
import type { ReadText } from './read-texts.ts';

/**
 * @param now the tokens of `text`
 * @param last what was read then, and the tokens that were written behind it
 */
export async function compareContext(
  modelId: string,
  text: string,
  now: readonly TokenSpan[],
  { told, writtenTokens }: ReadText,
  tokenize: Tokenize,
  signal: AbortSignal,
): Promise<Pick<BuiltContext, 'tokens' | 'recomputedTokens' | 'keptCharacters' | 'voidTokens'>> {
  const read = told === null ? [] : (await tokenize({ modelId, ...told }, signal)).tokens;
  const then = [...read.map(({ tokenId }) => tokenId), ...writtenTokens];
  let kept = 0;
  while (kept < now.length && now[kept]?.tokenId === then[kept]) kept += 1;
  return {
    tokens: now.length,
    keptCharacters: kept === 0 ? 0 : Math.min(text.length, now[kept - 1]?.end ?? 0),
    // The last token is always computed: the next one is drawn from what it gives.
    recomputedTokens: Math.max(Math.min(1, now.length), now.length - kept),
    voidTokens: then.length - kept,
  };
}

/** How many tokens begin in a stretch of the text. */
export function tokensWithin(
  tokens: readonly TokenSpan[],
  { start, end }: Pick<ContextPart, 'start' | 'end'>,
): number {
  return tokens.filter((token) => token.start >= start && token.start < end).length;
}
