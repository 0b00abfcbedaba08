import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPictureIndex } from './picture-index.ts';

/** The bytes that the studio would answer. */
function indexOf(
  ids: readonly string[],
  sizes: readonly (readonly [number, number])[] = [],
  colours: readonly (readonly number[])[] = [],
) {
  return createPictureIndex({
    ids: new Uint8Array(
      ids.flatMap((id) =>
        (id.replaceAll('-', '').match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)),
      ),
    ),
    sizes: new Uint8Array(new Uint16Array(sizes.flat()).buffer),
    colours: new Uint8Array(colours.flat()),
  });
}

describe('an index of pictures', () => {
  it('tells the id of every place and the place of every id', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 60 }), (ids) => {
        const index = indexOf(ids);
        expect(index.count).toBe(ids.length);
        expect(ids.map((_, place) => index.idAt(place))).toEqual(ids);
        expect(ids.map((id) => index.placeOf(id))).toEqual(ids.map((_, place) => place));
      }),
    );
  });

  it('knows no place of a picture that is not in it, nor of a text that is no id', () => {
    const [first, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const index = indexOf([first]);
    expect(index.placeOf(other)).toBe(-1);
    expect(index.placeOf('a picture')).toBe(-1);
    expect(index.idAt(1)).toBeNull();
    expect(index.idAt(-1)).toBeNull();
  });

  it('reads shapes, and takes what has none for a square', () => {
    const index = indexOf([crypto.randomUUID(), crypto.randomUUID()], [[600, 400]]);
    expect(index.ratioAt(0)).toBe(1.5);
    expect(index.ratioAt(1)).toBe(1);
  });

  it('tells the colours that are known, and goes on to wherever the pictures go', () => {
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()] as const;
    const index = indexOf(
      [first, second],
      [],
      [
        [250, 12, 0, 255],
        [0, 0, 0, 0],
      ],
    );
    expect([0, 1, 2].map(index.colourAt)).toEqual(['rgb(250 12 0)', null, null]);
    expect(index.lacksColours).toBe(true);
    const moved = index.moved([first], null);
    expect(moved.colourAt(1)).toBe('rgb(250 12 0)');
    expect(index.without(new Set([second])).lacksColours).toBe(false);
  });

  it('leaves pictures out without touching the rest', () => {
    const ids = Array.from({ length: 5 }, () => crypto.randomUUID());
    const index = indexOf(
      ids,
      ids.map((_, place) => [100 * (place + 1), 100]),
    );
    const rest = index.without(new Set([ids[1] ?? '', ids[3] ?? '', crypto.randomUUID()]));
    expect(rest.slice(0, 9)).toEqual([ids[0], ids[2], ids[4]]);
    expect([0, 1, 2].map((place) => rest.ratioAt(place))).toEqual([1, 3, 5]);
    expect(index.count).toBe(5);
  });

  it('puts pictures before another or at the end, with their shapes', () => {
    const ids = Array.from({ length: 5 }, () => crypto.randomUUID());
    const [a = '', b = '', c = '', d = '', e = ''] = ids;
    const index = indexOf(
      ids,
      ids.map((_, place) => [100 * (place + 1), 100]),
    );
    const moved = index.moved([d, crypto.randomUUID(), b], a);
    expect(moved.slice(0, 9)).toEqual([d, b, a, c, e]);
    expect([0, 1, 2].map((place) => moved.ratioAt(place))).toEqual([4, 2, 1]);
    expect(moved.moved([b, a], null).slice(0, 9)).toEqual([d, c, e, b, a]);
    expect(index.slice(0, 9)).toEqual(ids);
  });
});
