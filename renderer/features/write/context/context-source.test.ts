import { expect, it } from 'vitest';
import { shownParts, tokensBySource } from './context-source.ts';

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

it('sums tokens by where they come from', () => {
  expect(tokensBySource(parts)).toEqual([
    { source: 'memory', tokens: 4 },
    { source: 'text', tokens: 8 },
  ]);
});
