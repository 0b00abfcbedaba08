/** Values from the largest down, sorted only as far as they are asked for. */
export interface LargestFirst {
  /** @param place 0 … N − 1. @returns the index of the value there; equal values by rising index */
  at(place: number): number;
  /** New i32 [count]: the indices at the first places. */
  first(count: number): Int32Array;
}

/** Values are spread over this many buckets between the largest and the smallest. */
const buckets = 2048;
/** Whatever lies further below the largest than this shares the last bucket: e^−64 is nothing. */
const widestRange = 64;
/** Calling a sort costs about as much as sorting this many. */
const leastSorted = 256;

/**
 * One pass counts values into buckets of equal width, a second one lays them out, and only the
 * buckets that are reached are sorted. The few likely tokens of a large vocabulary come cheap, and
 * all of them cost no more than a sort.
 *
 * @param values f32 [N], no NaN, N < 2^21; must not be modified afterwards
 */
export function largestFirst(values: Float32Array): LargestFirst {
  let max = -Infinity;
  let min = Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value > max) max = value;
    if (value < min) min = value;
  }
  const scale = max > min ? (buckets - 1) / Math.min(max - min, widestRange) : 0;

  const ends = new Int32Array(buckets);
  const bucketOf = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const bucket = Math.min(buckets - 1, (max - (values[index] ?? 0)) * scale) | 0;
    bucketOf[index] = bucket;
    ends[bucket] = (ends[bucket] ?? 0) + 1;
  }
  // Counts become where each bucket starts; filling moves them on to where it ends.
  let total = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const count = ends[bucket] ?? 0;
    ends[bucket] = total;
    total += count;
  }
  const order = new Int32Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const bucket = bucketOf[index] ?? 0;
    const place = ends[bucket] ?? 0;
    order[place] = index;
    ends[bucket] = place + 1;
  }

  let nextBucket = 0;
  let sortedEnd = 0;
  function sortThrough(place: number): void {
    while (sortedEnd <= place && nextBucket < buckets) {
      let end = sortedEnd;
      for (; end - sortedEnd < leastSorted && nextBucket < buckets; nextBucket += 1)
        end = ends[nextBucket] ?? 0;
      if (end - sortedEnd > 1) sort(values, order.subarray(sortedEnd, end));
      sortedEnd = end;
    }
  }

  return {
    at(place) {
      if (place >= sortedEnd) sortThrough(place);
      return order[place] ?? 0;
    },
    first(count) {
      sortThrough(count - 1);
      return order.slice(0, count);
    },
  };
}

const indexRange = 2 ** 21;
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Packs value and index into whole numbers below 2^53, which a typed array sorts natively. */
function sort(values: Float32Array, indices: Int32Array): void {
  const keys = new Float64Array(indices.length);
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] ?? 0;
    // Adding 0 makes −0 into 0, which it equals.
    float[0] = (values[index] ?? 0) + 0;
    const raw = bits[0] ?? 0;
    // Falling by value: negative floats order by their bits as they are, positive ones inversely.
    const falling = raw >>> 31 ? raw : 0x7fffffff - raw;
    keys[place] = falling * indexRange + index;
  }
  keys.sort();
  for (let place = 0; place < keys.length; place += 1)
    indices[place] = (keys[place] ?? 0) % indexRange;
}
