/** Finite values are spread over this many buckets between the largest and the smallest. */
const buckets = 2048;
/** Whatever lies further below the largest than this shares the last bucket: e^−64 is nothing. */
const widestRange = 64;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * Visits values from the largest down without sorting them all: one pass counts them into buckets
 * of equal width, a second one lays them out, and only the buckets that are reached are sorted. The
 * few likely tokens of a large vocabulary come cheap, and all of them cost no more than a sort.
 *
 * @param values f32 [N], no NaN, N < 2^21; not modified while the iterator is in use
 * @yields indices into `values`; equal values in rising order of index
 */
export function* largestFirst(values: Float32Array): Generator<number, void, undefined> {
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
  const laidOut = new Int32Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const bucket = bucketOf[index] ?? 0;
    const place = ends[bucket] ?? 0;
    laidOut[place] = index;
    ends[bucket] = place + 1;
  }

  let start = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const end = ends[bucket] ?? 0;
    if (end - start === 1) yield laidOut[start] ?? 0;
    else if (end > start) yield* sorted(values, laidOut.subarray(start, end));
    start = end;
  }
}

const indexRange = 2 ** 21;

/** Packs value and index into whole numbers below 2^53, which a typed array sorts natively. */
function* sorted(values: Float32Array, indices: Int32Array): Generator<number, void, undefined> {
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
  for (const key of keys) yield key % indexRange;
}
