/** Random numbers that a seed and an index give again. */

export interface Random {
  /** A whole number from 0 to below the bound. */
  below(bound: number): number;
  /** True once in so many times. */
  once(times: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
}

/** Source: Jenkins' small fast generator with 32-bit words, by Chris Doty-Humphrey (PractRand, sfc32). */
export function createRandom(seed: number, index: number): Random {
  let [a, b, c, counter] = [seed | 0, index | 0, 0x9e3779b9 | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) next();
  const below = (bound: number) => Math.floor((next() / 2 ** 32) * bound);
  return {
    below,
    once: (times) => below(times) === 0,
    pick(values) {
      const value = values[below(values.length)];
      if (value === undefined) throw new RangeError('Nothing to pick from.');
      return value;
    },
  };
}
