import { describe, expect, it } from 'vitest';
import {
  chooseAll,
  chooseOne,
  emptySelection,
  extendTo,
  selectionAfterChange,
  toggleOne,
} from './gallery-selection.ts';
import { createPictureIndex, type PictureIndex } from './picture-index.ts';

const ids = Array.from({ length: 5 }, () => crypto.randomUUID());
const [a = '', b = '', c = '', d = '', e = ''] = ids;
const all = indexOf(ids);

function indexOf(of: readonly string[]): PictureIndex {
  const digits = of.join('').replaceAll('-', '').match(/../g) ?? [];
  return createPictureIndex({
    ids: new Uint8Array(digits.map((pair) => Number.parseInt(pair, 16))),
    sizes: new Uint8Array(),
    colours: new Uint8Array(),
  });
}

describe('choosing pictures', () => {
  it('extends from where Shift was first held, in both directions', () => {
    const down = extendTo(chooseOne(c), e, all);
    expect([...down.chosen]).toEqual([c, d, e]);
    const up = extendTo(down, a, all);
    expect([...up.chosen]).toEqual([a, b, c]);
    expect(up.focused).toBe(a);
  });

  it('adds and takes away single pictures, and takes all', () => {
    const two = toggleOne(chooseOne(a), c);
    expect([...two.chosen]).toEqual([a, c]);
    expect([...toggleOne(two, a).chosen]).toEqual([c]);
    expect([...chooseAll(two, all).chosen]).toEqual(ids);
    expect(chooseAll(emptySelection, all).focused).toBe(a);
  });

  it('goes on with the next picture when its own is gone, or the last one at the end', () => {
    const after = (gone: readonly string[]) => all.without(new Set(gone));
    expect(selectionAfterChange(chooseOne(c), all, after([b, c]))).toEqual(chooseOne(d));
    expect(selectionAfterChange(chooseOne(e), all, after([e]))).toEqual(chooseOne(d));
    expect(selectionAfterChange(chooseOne(e), all, after(ids))).toEqual(emptySelection);
  });

  it('keeps what is still there, and a picture that was never in the grid', () => {
    const three = extendTo(chooseOne(b), d, all);
    const kept = selectionAfterChange(three, all, all.without(new Set([c])));
    expect([...kept.chosen]).toEqual([b, d]);
    expect(kept.focused).toBe(d);
    const elsewhere = chooseOne(crypto.randomUUID());
    expect(selectionAfterChange(elsewhere, all, indexOf([a]))).toBe(elsewhere);
  });
});
