/**
 * Nvidia's random generator as torch uses it on their devices, so that pictures start from the noise
 * that A1111 draws with `RNG: NV`.
 * Source: Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3": Philox4x32-10
 */
import type { TorchGenerator } from './torch-generator.ts';

const rounds = 10;
const multipliers = [0xd2511f53n, 0xcd9e8d57n] as const;
const keySteps = [0x9e3779b9, 0xbb67ae85] as const;
const mask32 = 0xffffffffn;

/** @param seed a non-negative integer below 2^64 */
export function createPhiloxGenerator(seed: number): TorchGenerator {
  const key = BigInt(seed);
  const low = Number(key & mask32);
  const high = Number(key >> 32n);
  /** Grows with every call: each call is a stream of its own. */
  let offset = 0;
  return {
    normals(count) {
      const values = new Float32Array(count);
      for (let index = 0; index < count; index += 1) {
        const [first, second] = philox(offset, index, low, high);
        // In (0, 1], so that the logarithm is finite.
        const radius = first / 2 ** 32 + 2 ** -33;
        const angle = (second / 2 ** 32 + 2 ** -33) * 2 * Math.PI;
        values[index] = Math.sqrt(-2 * Math.log(radius)) * Math.sin(angle);
      }
      offset += 1;
      return values;
    },
  };
}

/** The first two of four words for the counter (offset, 0, index, 0). */
function philox(
  offset: number,
  index: number,
  low: number,
  high: number,
): readonly [number, number] {
  let [c0, c1, c2, c3] = [offset >>> 0, 0, index >>> 0, 0];
  let [k0, k1] = [low >>> 0, high >>> 0];
  for (let round = 0; round < rounds; round += 1) {
    const one = multiply(c0, multipliers[0]);
    const two = multiply(c2, multipliers[1]);
    [c0, c1, c2, c3] = [(two.high ^ c1 ^ k0) >>> 0, two.low, (one.high ^ c3 ^ k1) >>> 0, one.low];
    k0 = (k0 + keySteps[0]) >>> 0;
    k1 = (k1 + keySteps[1]) >>> 0;
  }
  return [c0, c1];
}

function multiply(value: number, by: bigint): { readonly high: number; readonly low: number } {
  const product = BigInt(value) * by;
  return { high: Number(product >> 32n), low: Number(product & mask32) };
}
