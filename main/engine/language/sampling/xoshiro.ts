/**
 * The generator behind sampled text: xoshiro128** 1.1, its state filled by SplitMix64.
 *
 * Promises: the same seed gives the same numbers on every machine and in every version; seeds up to
 * 2^53 − 1 all give different streams. It is not torch's generator, because no other program's
 * sampled text can be reproduced token by token anyway, and it is not for secrets.
 * Source: Blackman and Vigna 2018, arXiv:1805.01407; https://prng.di.unimi.it
 */
const mask64 = (1n << 64n) - 1n;

/** SplitMix64. @yields 64-bit unsigned integers */
export function* splitMix64(seed: bigint): Generator<bigint, never, undefined> {
  let state = seed & mask64;
  for (;;) {
    state = (state + 0x9e3779b97f4a7c15n) & mask64;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask64;
    yield mixed ^ (mixed >> 31n);
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** xoshiro128**. @yields 32-bit unsigned integers */
export function* xoshiro128(
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): Generator<number, never, undefined> {
  for (;;) {
    yield Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
  }
}

/**
 * @param seed 0 … 2^53 − 1
 * @returns draws uniform in [0, 1) with 53 random bits, two numbers of the generator each
 */
export function createUniform(seed: number): () => number {
  const mix = splitMix64(BigInt(seed));
  const a = mix.next().value;
  const b = mix.next().value;
  const stream = xoshiro128(
    Number(a & 0xffffffffn),
    Number(a >> 32n),
    Number(b & 0xffffffffn),
    Number(b >> 32n),
  );
  return () => {
    const high = stream.next().value >>> 5;
    const low = stream.next().value >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}
