/** Where a turn's tokens stand in its text. Pure. */
import type { TurnPart } from '../../../../contract/chats.ts';
import type { RunId, RunToken } from '../../../../contract/scenes.ts';

export interface TokenSpan {
  /** Characters of the turn's text. */
  readonly start: number;
  readonly end: number;
  readonly run: RunId;
  readonly token: RunToken;
}

/** Enough of a part to find it among its run's tokens. */
const sampleCharacters = 48;

/** @returns the tokens of a part, as far as its text is still theirs */
export function tokenSpans(
  text: string,
  part: TurnPart,
  tokens: readonly RunToken[],
): readonly TokenSpan[] {
  const own = text.slice(part.start, part.end);
  const drawn = tokens.map((token) => token.text).join('');
  // A turn's first token may have lost its space; a person may have cut the beginning.
  const offset = drawn.indexOf(own.slice(0, sampleCharacters));
  const from = offset < 0 ? (drawn.startsWith(own[0] ?? '') ? 0 : drawn.search(/\S/)) : offset;
  if (from < 0) return [];
  const spans: TokenSpan[] = [];
  let at = 0;
  for (const token of tokens) {
    const start = Math.max(0, at - from);
    const end = at + token.text.length - from;
    at += token.text.length;
    if (end <= 0) continue;
    const expected = token.text.slice(token.text.length - (end - start));
    if (own.slice(start, end) !== expected) break;
    spans.push({ start: part.start + start, end: part.start + end, run: part.run, token });
  }
  return spans;
}
