import { expect, it } from 'vitest';
import { shownParts, tokensBySource, tokensOfPart } from './context-source.ts';

const part = (source: 'memory' | 'text', start: number, end: number) => ({
  source,
  label: source,
  start,
  end,
  tokens: end - start,
});
const parts = [part('memory', 0, 4), part('text', 4, 10), part('text', 10, 12)];

it('parts what the model knows from what it computes anew, at one place', () => {
  const shown = shownParts({ text: 'abcdefghijkl', parts, keptCharacters: 6 });
  expect(shown.map(({ known, fresh, turnsHere }) => [known, fresh, turnsHere])).toEqual([
    ['abcd', '', false],
    ['ef', 'ghij', true],
    ['', 'kl', false],
  ]);
});

it('shows a token that reaches over a border on both sides of it, and line breaks as such', () => {
  const token = (tokenId: number, start: number, end: number) => ({ tokenId, start, end });
  const tokens = [token(1, 0, 3), token(2, 3, 3), token(3, 3, 6), token(4, 6, 10)];
  const of = (index: number) =>
    tokensOfPart('abcde\nghijkl', parts[index] ?? part('text', 0, 0), tokens, 6);
  expect(of(0)).toEqual([
    { text: 'abc', tokenId: 1, isKnown: true },
    { text: 'd', tokenId: 3, isKnown: true },
  ]);
  expect(of(1)).toEqual([
    { text: 'e↵\n', tokenId: 3, isKnown: true },
    { text: 'ghij', tokenId: 4, isKnown: false },
  ]);
});

it('sums tokens by where they come from', () => {
  expect(tokensBySource(parts)).toEqual([
    { source: 'memory', tokens: 4 },
    { source: 'text', tokens: 8 },
  ]);
});
