import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordDifference } from './word-difference.ts';

describe('the difference of two texts', () => {
  it('names the words that changed', () => {
    expect(wordDifference('The old king slept.', 'The king slept well.')).toEqual([
      { kind: 'same', text: 'The ' },
      { kind: 'removed', text: 'old ' },
      { kind: 'same', text: 'king slept' },
      { kind: 'added', text: ' well' },
      { kind: 'same', text: '.' },
    ]);
  });

  it('holds both texts whole, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', ' ', 'c d', '.', 'ä'), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const before = one.join('');
        const after = other.join('');
        const parts = wordDifference(before, after);
        const of = (kind: string) =>
          parts.filter((part) => part.kind !== kind).map((part) => part.text);
        expect(of('added').join('')).toBe(before);
        expect(of('removed').join('')).toBe(after);
      }),
    );
  });
});
