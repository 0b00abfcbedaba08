import { describe, expect, it } from 'vitest';
import type { PictureAnalysis } from './analyse-picture.ts';
import { parseColour } from './colour-names.ts';
import { descriptorDistance, descriptorLength, mirroredDescriptor } from './descriptor.ts';
import { groupDuplicates } from './group-duplicates.ts';
import { createPictureIndex } from './picture-index.ts';
import { mirroredHash } from './perceptual-hash.ts';
import { randomOf } from './scene.fixture.ts';

function randomAnalysis(random: () => number): PictureAnalysis {
  return {
    hash:
      BigInt(Math.floor(random() * 2 ** 32)) * 2n ** 32n + BigInt(Math.floor(random() * 2 ** 32)),
    descriptor: Int8Array.from({ length: descriptorLength }, () =>
      Math.round(random() * 200 - 100),
    ),
    colours: [{ l: random(), a: random() * 0.4 - 0.2, b: random() * 0.4 - 0.2, share: 1 }],
  };
}

/** The same picture with some bits of its hash and some numbers changed. */
function alike(analysis: PictureAnalysis, bits: readonly number[]): PictureAnalysis {
  return {
    ...analysis,
    hash: bits.reduce((hash, bit) => hash ^ (1n << BigInt(bit)), analysis.hash),
    descriptor: analysis.descriptor.map((value, at) => (at % 10 === 0 ? value + 5 : value)),
  };
}

describe('the index', () => {
  it('finds the nearest, exactly those that a sort of all distances puts first', () => {
    const random = randomOf(1);
    const index = createPictureIndex<number>();
    const all = Array.from({ length: 3000 }, () => randomAnalysis(random));
    for (const [key, analysis] of all.entries()) index.add(key, analysis);
    for (const key of [0, 1500, 2999]) {
      const wanted = all[key]?.descriptor ?? new Int8Array();
      const sorted = all
        .map(({ descriptor }, other) => ({
          key: other,
          distance: descriptorDistance(wanted, descriptor),
        }))
        .toSorted((one, other) => one.distance - other.distance);
      expect(index.nearest(wanted, 50)).toEqual(sorted.slice(0, 50));
      expect(sorted[0]).toEqual({ key, distance: 0 });
    }
    expect(index.nearest(new Int8Array(descriptorLength), 0)).toEqual([]);
    expect(index.nearest(new Int8Array(descriptorLength), 5000)).toHaveLength(3000);
    expect(() => index.nearest(new Int8Array(3), 1)).toThrow(RangeError);
  });

  it('forgets what was removed and replaces what is added again', () => {
    const random = randomOf(2);
    const index = createPictureIndex<string>();
    const [one, other, last] = [
      randomAnalysis(random),
      randomAnalysis(random),
      randomAnalysis(random),
    ];
    index.add('one', one);
    index.add('other', other);
    index.add('last', last);
    index.remove('one');
    index.remove('one');
    expect([index.size, index.has('one'), index.has('last')]).toEqual([2, false, true]);
    expect(index.nearest(last.descriptor, 9)[0]).toEqual({ key: 'last', distance: 0 });
    index.add('last', one);
    expect(index.size).toBe(2);
    expect(index.nearest(one.descriptor, 1)).toEqual([{ key: 'last', distance: 0 }]);
    index.remove('last');
    index.remove('other');
    expect(index.nearest(one.descriptor, 9)).toEqual([]);
    index.add('new', other);
    expect(index.nearest(other.descriptor, 9)).toEqual([{ key: 'new', distance: 0 }]);
  });

  it('finds pictures by colour, the nearest first', () => {
    const index = createPictureIndex<string>();
    const base = randomAnalysis(randomOf(3));
    for (const name of ['red', 'maroon', 'blue', 'green']) {
      const colour = parseColour(name);
      if (colour) index.add(name, { ...base, colours: [{ ...colour, share: 1 }] });
    }
    const red = parseColour('red');
    if (!red) throw new Error('Red is no colour.');
    expect(index.withColour(red, 0.14).map(({ key }) => key)).toEqual(['red', 'maroon']);
    expect(index.withColour(red, 9)).toHaveLength(4);
  });

  it('groups duplicates, also mirrored ones, and leaves the others alone', () => {
    const random = randomOf(4);
    const index = createPictureIndex<string>();
    const picture = randomAnalysis(random);
    const other = randomAnalysis(random);
    index.add('picture', picture);
    index.add('alone', randomAnalysis(random));
    index.add('poor JPEG', alike(picture, [0, 9, 17, 33, 50, 51, 62, 63]));
    index.add('nine bits', alike(other, [0, 9, 17, 33, 50, 51, 61, 62, 63]));
    index.add('other', other);
    index.add('mirrored', {
      ...picture,
      hash: mirroredHash(picture.hash) ^ 3n,
      descriptor: mirroredDescriptor(picture.descriptor),
    });
    index.add('same hash, other colours', { ...randomAnalysis(random), hash: picture.hash });
    expect(index.duplicates()).toEqual([['picture', 'poor JPEG', 'mirrored']]);
    expect(index.duplicates({ mirrored: false })).toEqual([['picture', 'poor JPEG']]);
    expect(index.duplicates({ hashBits: 0, mirrored: false })).toEqual([]);
    expect(() => index.duplicates({ hashBits: 12 })).toThrow(RangeError);
  });
});

describe('groups of duplicates', () => {
  it('are those that comparing every pair finds', () => {
    const random = randomOf(5);
    const all: PictureAnalysis[] = [];
    while (all.length < 400) {
      const analysis = randomAnalysis(random);
      all.push(analysis);
      for (let copy = Math.floor(random() * 3); copy > 0; copy -= 1) {
        const bits = Array.from({ length: Math.floor(random() * 14) }, () =>
          Math.floor(random() * 64),
        );
        all.push(alike(analysis, bits));
      }
    }
    const hashes = BigUint64Array.from(all, ({ hash }) => hash);
    const descriptors = Int8Array.from(all.flatMap(({ descriptor }) => [...descriptor]));
    const groups = groupDuplicates(hashes, descriptors, { mirrored: false });
    const groupOf = new Map(groups.flatMap((group, at) => group.map((place) => [place, at])));
    let pairs = 0;
    for (const [place, one] of all.entries()) {
      for (const [other, two] of all.entries()) {
        if (other >= place) continue;
        const bits = (one.hash ^ two.hash).toString(2).replaceAll('0', '').length;
        if (bits > 8 || descriptorDistance(one.descriptor, two.descriptor) > 2000) continue;
        pairs += 1;
        expect(groupOf.get(place)).toBe(groupOf.get(other));
        expect(groupOf.has(place)).toBe(true);
      }
    }
    expect(pairs).toBeGreaterThan(50);
    const members = groups.flat();
    expect(new Set(members).size).toBe(members.length);
  });

  it('of very many copies of one picture are found without comparing each with each', () => {
    const count = 50_000;
    const groups = groupDuplicates(
      new BigUint64Array(count),
      new Int8Array(count * descriptorLength),
    );
    expect(groups).toHaveLength(1);
    expect(groups[0]).toHaveLength(count);
  });

  it('are none where there are no pictures', () => {
    expect(groupDuplicates(new BigUint64Array(), new Int8Array())).toEqual([]);
  });
});
