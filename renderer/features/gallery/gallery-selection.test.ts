import { describe, expect, it } from 'vitest';
import {
  chooseOne,
  emptySelection,
  extendTo,
  selectionAfterRemoval,
  toggleOne,
} from './gallery-selection.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];

describe('choosing pictures', () => {
  it('extends from where Shift was first held, in both directions', () => {
    const down = extendTo(chooseOne('c'), 'e', ids);
    expect([...down.chosen]).toEqual(['c', 'd', 'e']);
    const up = extendTo(down, 'a', ids);
    expect([...up.chosen]).toEqual(['a', 'b', 'c']);
    expect(up.focused).toBe('a');
  });

  it('adds and takes away single pictures', () => {
    const two = toggleOne(chooseOne('a'), 'c');
    expect([...two.chosen]).toEqual(['a', 'c']);
    expect([...toggleOne(two, 'a').chosen]).toEqual(['c']);
  });

  it('goes on with the next picture after a deletion, or the last one at the end', () => {
    expect(selectionAfterRemoval(ids, new Set(['b', 'c']))).toEqual(chooseOne('d'));
    expect(selectionAfterRemoval(ids, new Set(['e']))).toEqual(chooseOne('d'));
    expect(selectionAfterRemoval(ids, new Set(ids))).toEqual(emptySelection);
  });
});
