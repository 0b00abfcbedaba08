/**
 * The looks of up to some 100,000 pictures in memory: what is similar, what has a colour, what is
 * there twice.
 *
 * Promises: exact answers, no approximation; 225 bytes a picture; takes pictures away in constant
 * time. Its questions take tens of milliseconds and `duplicates` up to seconds: it belongs on a thread
 * that may be busy for so long.
 */
import type { PictureAnalysis } from './analyse-picture.ts';
import { descriptorLength } from './descriptor.ts';
import { distanceOfColour, maxColours } from './dominant-colours.ts';
import { groupDuplicates, type DuplicateLimits } from './group-duplicates.ts';
import { nearestTo } from './nearest.ts';
import type { Oklab } from './oklab.ts';

export interface Match<Key> {
  readonly key: Key;
  /** 0 for the same. */
  readonly distance: number;
}

/** @template Key what the caller knows a picture by, such as its content hash or row number */
export interface PictureIndex<Key> {
  readonly size: number;
  has(key: Key): boolean;
  /** Replaces what was there under the key. */
  add(key: Key, analysis: PictureAnalysis): void;
  remove(key: Key): void;
  /**
   * The most similar first; a picture that is in the index finds itself with distance 0.
   * @param most how many at most
   */
  nearest(descriptor: Int8Array, most: number): readonly Match<Key>[];
  /** In no order. @param within see `colourWithin` */
  eachWithColour(wanted: Oklab, within: number, visit: (key: Key) => void): void;
  /** The nearest first. @param within see `colourWithin` */
  withColour(wanted: Oklab, within: number): readonly Match<Key>[];
  /** Pictures that are the same but for size, compression, brightness or a mirror; two or more each. */
  duplicates(limits?: Partial<DuplicateLimits>): readonly (readonly Key[])[];
}

const colourNumbers = 4;
/** Colours are told apart to this part of a distance of 1; with a place it fits a number exactly. */
const distanceSteps = 1e6;
const mostPlaces = 2 ** 24;

export function createPictureIndex<Key>(): PictureIndex<Key> {
  /** Where each picture lies; the places are 0 to size - 1 without gaps. */
  const places = new Map<Key, number>();
  const keys: Key[] = [];
  let capacity = 1024;
  let descriptors = new Int8Array(capacity * descriptorLength);
  let hashes = new BigUint64Array(capacity);
  /** [picture][colour][l, a, b, share]; share 0 where there is no colour. */
  let colours = new Float32Array(capacity * maxColours * colourNumbers);

  function grow(): void {
    capacity *= 2;
    const [oldDescriptors, oldHashes, oldColours] = [descriptors, hashes, colours];
    descriptors = new Int8Array(capacity * descriptorLength);
    hashes = new BigUint64Array(capacity);
    colours = new Float32Array(capacity * maxColours * colourNumbers);
    descriptors.set(oldDescriptors);
    hashes.set(oldHashes);
    colours.set(oldColours);
  }

  /** `colourDistance` without making objects. */
  function colourDistanceAt(place: number, wanted: Oklab): number {
    let least = Infinity;
    const start = place * maxColours * colourNumbers;
    for (let at = start; at < start + maxColours * colourNumbers; at += colourNumbers) {
      const share = colours[at + 3] ?? 0;
      if (share === 0) break;
      const [l, a, b] = [colours[at] ?? 0, colours[at + 1] ?? 0, colours[at + 2] ?? 0];
      least = Math.min(least, distanceOfColour(l, a, b, share, wanted));
    }
    return least;
  }

  function matchesOf(found: readonly { place: number; distance: number }[]): Match<Key>[] {
    return found.flatMap(({ place, distance }) => {
      const key = keys[place];
      return key === undefined ? [] : [{ key, distance }];
    });
  }

  return {
    get size() {
      return keys.length;
    },
    has: (key) => places.has(key),
    add(key, analysis) {
      let place = places.get(key);
      if (place === undefined) {
        place = keys.length;
        if (place === capacity) grow();
        keys.push(key);
        places.set(key, place);
      }
      descriptors.set(analysis.descriptor, place * descriptorLength);
      hashes[place] = analysis.hash;
      const numbers = maxColours * colourNumbers;
      colours.fill(0, place * numbers, (place + 1) * numbers);
      for (const [index, { l, a, b, share }] of analysis.colours.entries())
        colours.set([l, a, b, share], place * numbers + index * colourNumbers);
    },
    remove(key) {
      const place = places.get(key);
      if (place === undefined) return;
      // The last picture takes the place.
      const last = keys.length - 1;
      const lastKey = keys.pop();
      places.delete(key);
      if (place === last || lastKey === undefined) return;
      keys[place] = lastKey;
      places.set(lastKey, place);
      descriptors.copyWithin(
        place * descriptorLength,
        last * descriptorLength,
        (last + 1) * descriptorLength,
      );
      hashes.copyWithin(place, last, last + 1);
      const numbers = maxColours * colourNumbers;
      colours.copyWithin(place * numbers, last * numbers, (last + 1) * numbers);
    },
    nearest: (descriptor, most) => matchesOf(nearestTo(descriptor, descriptors, keys.length, most)),
    eachWithColour(wanted, within, visit) {
      for (const [place, key] of keys.entries())
        if (colourDistanceAt(place, wanted) <= within) visit(key);
    },
    withColour(wanted, within) {
      // Distance and place in one number: numbers sort ten times as fast as objects.
      const found = new Float64Array(keys.length);
      let count = 0;
      for (let place = 0; place < keys.length; place += 1) {
        const distance = colourDistanceAt(place, wanted);
        if (distance > within) continue;
        found[count] = Math.round(distance * distanceSteps) * mostPlaces + place;
        count += 1;
      }
      return Array.from(found.subarray(0, count).sort(), (packed) => ({
        key: keys[packed % mostPlaces] as Key,
        distance: Math.floor(packed / mostPlaces) / distanceSteps,
      }));
    },
    duplicates(limits) {
      const groups = groupDuplicates(
        hashes.subarray(0, keys.length),
        descriptors.subarray(0, keys.length * descriptorLength),
        limits,
      );
      return groups.map((group) =>
        group.flatMap((place) => {
          const key = keys[place];
          return key === undefined ? [] : [key];
        }),
      );
    },
  };
}
