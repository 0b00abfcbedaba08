import { describe, expect, it } from 'vitest';
import { partsAfterEdit, partsAtBranch } from './turn-parts.ts';

const run = 'a2b3c4d5-0000-4000-8000-000000000001';
const other = 'a2b3c4d5-0000-4000-8000-000000000002';
const part = (start: number, end: number, id = run) => ({ run: id, alternative: 0, start, end });

const slices = (text: string, parts: readonly { start: number; end: number }[]) =>
  parts.map(({ start, end }) => text.slice(start, end));

describe('the parts of a turn that a person changed', () => {
  it('are what stayed, wherever the changes are', () => {
    const before = 'The sea was grey and cold.';
    const after = 'The old sea was blue and cold!';
    const parts = partsAfterEdit(before, [part(0, before.length)], after);
    expect(slices(after, parts)).toEqual(['The ', 'sea was ', ' and cold']);
  });

  it('stay with the run that wrote each', () => {
    const before = 'One two three four';
    const parts = partsAfterEdit(before, [part(0, 7), part(7, 18, other)], 'One TWO three four');
    expect(parts).toEqual([part(0, 4), part(7, 18, other)]);
  });

  it('are found at both ends of a text that is too long to compare', () => {
    const long = 'word '.repeat(50_000);
    const parts = partsAfterEdit(`${long}a`, [part(0, long.length + 1)], `${long}b`);
    expect(parts).toEqual([part(0, long.length)]);
  });

  it('are none where nothing stayed', () => {
    expect(partsAfterEdit('One', [part(0, 3)], 'Two')).toEqual([]);
  });
});

describe('the parts of a turn that branches at a token', () => {
  it('end there, with the chosen words', () => {
    const parts = partsAtBranch([part(0, 10), part(10, 20, other)], 14, ' wind');
    expect(parts).toEqual([part(0, 10), part(10, 19, other)]);
  });

  it('has the chosen words alone where the first token is another', () => {
    expect(partsAtBranch([part(0, 10)], 0, 'Wind')).toEqual([part(0, 4)]);
  });
});
