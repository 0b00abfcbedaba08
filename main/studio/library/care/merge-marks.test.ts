import { describe, expect, it } from 'vitest';
import type { Mark } from '../marks-journal.ts';
import { marksOf } from '../marks.ts';
import { mergedMark } from './merge-marks.ts';

const hash = 'a'.repeat(64);

/** What is known of a content after another mark was taken over. */
function after(known: Mark | undefined, other: Mark): Mark {
  const change = mergedMark(known, other);
  return change ? { ...known, ...change, at: { ...known?.at, ...change.at } } : (known ?? { hash });
}

/** The same numbers for a seed. */
function drawing(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function randomMark(draw: (limit: number) => number): Mark {
  const mark: Mark = { hash, at: {} };
  const dated = (field: 'rating' | 'flag' | 'label' | 'tags' | 'note') => {
    if (mark.at && draw(2) === 0) mark.at[field] = draw(3);
  };
  if (draw(3) > 0) {
    mark.rating = draw(6);
    dated('rating');
  }
  if (draw(3) > 0) {
    mark.flag = ([null, 'pick', 'reject'] as const)[draw(3)] ?? null;
    dated('flag');
  }
  if (draw(3) > 0) {
    mark.label = ([null, 'red', 'blue'] as const)[draw(3)] ?? null;
    dated('label');
  }
  if (draw(3) > 0) {
    mark.tags = ['Sea', 'tree', 'sea'].filter(() => draw(2) === 0);
    dated('tags');
  }
  if (draw(3) > 0) {
    mark.note = ['', 'one', 'two'][draw(3)] ?? '';
    dated('note');
  }
  return mark;
}

describe('marks of one content from two places', () => {
  it('are the same whichever is taken over into the other, and stay so', () => {
    const draw = drawing(7);
    for (let round = 0; round < 5000; round += 1) {
      const [a, b] = [randomMark(draw), randomMark(draw)];
      const ab = after(a, b);
      const ba = after(b, a);
      expect({ a, b, merged: marksOf(ab) }).toEqual({ a, b, merged: marksOf(ba) });
      expect(marksOf(after(ab, b))).toEqual(marksOf(ab));
    }
  });

  it('are the newer ones of each field, else the better, all tags and both notes', () => {
    const a: Mark = { hash, rating: 2, tags: ['red'], note: 'one', at: { rating: 20 } };
    const b: Mark = { hash, rating: 5, tags: ['blue'], note: 'other', at: { rating: 10 } };
    expect(marksOf(after(a, b))).toEqual({
      rating: 2,
      flag: null,
      label: null,
      tags: ['blue', 'red'],
      note: 'other\n\none',
    });
    expect(mergedMark(after(a, b), b)).toBeNull();
  });
});
