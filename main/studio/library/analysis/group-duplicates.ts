/**
 * Groups of pictures that are the same but for size, compression, brightness or a mirror.
 *
 * Two pictures belong together when their hashes differ in few bits and their descriptors are near;
 * a group is everything that hangs together so. Pairs are found by multi-index hashing: hashes that
 * differ in at most 11 bits differ in at most 2 of one of their four quarters, so that looking up
 * each quarter with every 2 bits flipped finds all of them.
 * Source: M. Norouzi, A. Punjani, D. Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012.
 */
import { descriptorDistance, descriptorLength, mirroredDescriptor } from './descriptor.ts';
import { mirroredHash } from './perceptual-hash.ts';

export interface DuplicateLimits {
  /** Bits in which the hashes may differ, 0 to 11. */
  readonly hashBits: number;
  /** Squared distance of the descriptors. */
  readonly descriptorDistance: number;
  /** Whether a mirrored picture is a duplicate. */
  readonly mirrored: boolean;
}

/** Found on captioned pictures, see docs/decisions/0035. */
export const duplicateLimits: DuplicateLimits = {
  hashBits: 8,
  descriptorDistance: 2000,
  mirrored: true,
};

const quarters = 4;
const quarterBits = 16;
const quarterValues = 2 ** quarterBits;
const flippedBits = 2;
const mostHashBits = quarters * (flippedBits + 1) - 1;

/** Every way to flip at most 2 of 16 bits; none first. */
const flips = Uint16Array.from(
  (function* () {
    yield 0;
    for (let one = 0; one < quarterBits; one += 1) {
      yield 1 << one;
      for (let other = 0; other < one; other += 1) yield (1 << one) | (1 << other);
    }
  })(),
);

/** Two halves of each hash as numbers: BigInt arithmetic is too slow for millions of pairs. */
interface HalvedHashes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

function halved(hashes: BigUint64Array): HalvedHashes {
  return {
    low: Uint32Array.from(hashes, (hash) => Number(hash & 0xffff_ffffn)),
    high: Uint32Array.from(hashes, (hash) => Number(hash >> 32n)),
  };
}

function quarterOf({ low, high }: HalvedHashes, place: number, quarter: number): number {
  const half = (quarter < 2 ? low : high)[place] ?? 0;
  return quarter % 2 === 0 ? half & 0xffff : half >>> quarterBits;
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Disjoint sets with path halving; the root is the smallest place. */
function createSets(count: number) {
  const parents = Int32Array.from({ length: count }, (_, place) => place);
  function root(place: number): number {
    let at = place;
    for (let up = parents[at] ?? at; up !== at; up = parents[at] ?? at) {
      parents[at] = parents[up] ?? up;
      at = up;
    }
    return at;
  }
  return {
    root,
    join(one: number, other: number): void {
      const [first, second] = [root(one), root(other)];
      if (first < second) parents[second] = first;
      else parents[first] = second;
    },
  };
}

/** Places by the value of one quarter of their hash. @param places ascending, as they stay within a value */
function createQuarterTable(hashes: HalvedHashes, places: Int32Array, quarter: number) {
  const starts = new Int32Array(quarterValues + 1);
  for (const place of places) {
    const value = quarterOf(hashes, place, quarter) + 1;
    starts[value] = (starts[value] ?? 0) + 1;
  }
  for (let value = 0; value < quarterValues; value += 1)
    starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0);
  const next = starts.slice();
  const sorted = new Int32Array(places.length);
  for (const place of places) {
    const value = quarterOf(hashes, place, quarter);
    const at = next[value] ?? 0;
    sorted[at] = place;
    next[value] = at + 1;
  }
  return { starts, sorted };
}

/**
 * @param hashes u64 [n]; not modified
 * @param descriptors i8 [n,192]; not modified
 * @returns groups of two or more places, ascending; the group with the smallest place first
 * @throws {RangeError} if more than 11 bits of the hashes may differ
 */
export function groupDuplicates(
  hashes: BigUint64Array,
  descriptors: Int8Array,
  limits: Partial<DuplicateLimits> = {},
): number[][] {
  const { hashBits, descriptorDistance: within, mirrored } = { ...duplicateLimits, ...limits };
  if (hashBits > mostHashBits || hashBits < 0)
    throw new RangeError(`Hashes may differ in 0 to ${mostHashBits} bits, not ${hashBits}.`);
  const count = hashes.length;
  const sets = createSets(count);
  const descriptorAt = (place: number): Int8Array =>
    descriptors.subarray(place * descriptorLength, (place + 1) * descriptorLength);

  // 1. Equal hashes: each is compared with the first of its kind only, so that a thousand copies of
  //    one picture are not a million pairs.
  const firstsByHash = new Map<bigint, number[]>();
  for (const [place, hash] of hashes.entries()) {
    const firsts = firstsByHash.get(hash);
    if (!firsts) {
      firstsByHash.set(hash, [place]);
      continue;
    }
    const descriptor = descriptorAt(place);
    const same = firsts.find(
      (first) => descriptorDistance(descriptor, descriptorAt(first)) <= within,
    );
    if (same === undefined) firsts.push(place);
    else sets.join(same, place);
  }
  const firsts = Int32Array.from([...firstsByHash.values()].flat()).sort();

  // 2. Hashes that differ a little, and those of the mirrored picture
  const plain = halved(hashes);
  const tables = Array.from({ length: quarters }, (_, quarter) =>
    createQuarterTable(plain, firsts, quarter),
  );
  function joinNear(wanted: HalvedHashes, describeWanted: (place: number) => Int8Array): void {
    for (const place of firsts) {
      const low = wanted.low[place] ?? 0;
      const high = wanted.high[place] ?? 0;
      let descriptor: Int8Array | null = null;
      for (const [quarter, { starts, sorted }] of tables.entries()) {
        const value = quarterOf(wanted, place, quarter);
        for (const flip of flips) {
          const end = starts[(value ^ flip) + 1] ?? 0;
          for (let at = starts[value ^ flip] ?? 0; at < end; at += 1) {
            const other = sorted[at] ?? 0;
            if (other >= place) break;
            const bits =
              bitCount(low ^ (plain.low[other] ?? 0)) + bitCount(high ^ (plain.high[other] ?? 0));
            if (bits > hashBits || sets.root(other) === sets.root(place)) continue;
            descriptor ??= describeWanted(place);
            if (descriptorDistance(descriptor, descriptorAt(other)) <= within)
              sets.join(other, place);
          }
        }
      }
    }
  }
  joinNear(plain, descriptorAt);
  if (mirrored)
    joinNear(halved(hashes.map(mirroredHash)), (place) => mirroredDescriptor(descriptorAt(place)));

  const groups = new Map<number, number[]>();
  for (let place = 0; place < count; place += 1) {
    const root = sets.root(place);
    const group = groups.get(root);
    if (group) group.push(place);
    else groups.set(root, [place]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
