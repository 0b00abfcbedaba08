import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTorchGenerator } from './torch-generator.ts';

const numbers = z.array(z.array(z.number()));
const golden = z
  .object({
    cases: z.array(
      z.object({ seed: z.number(), sizes: z.array(z.number()), heads: numbers, tails: numbers }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('./golden/torch-normals.json', import.meta.url), 'utf8')));

/** torch's vectorised logarithm and sine differ in the last bits. */
const tolerance = 1e-5;

function largestDifference(actual: Float32Array, expected: readonly number[]): number {
  return Math.max(
    ...expected.map((value, index) => Math.abs(value - (actual[index] ?? Number.NaN))),
  );
}

describe("torch's generator", () => {
  it.each(golden.cases)(
    'repeats torch.randn for seed $seed, sizes $sizes',
    ({ seed, sizes, heads, tails }) => {
      const generator = createTorchGenerator(seed);
      for (const [index, size] of sizes.entries()) {
        const values = generator.normals(size);
        const head = heads[index] ?? [];
        const tail = tails[index] ?? [];
        expect(values).toHaveLength(size);
        expect(largestDifference(values, head)).toBeLessThan(tolerance);
        expect(largestDifference(values.subarray(size - tail.length), tail)).toBeLessThan(
          tolerance,
        );
      }
    },
  );

  it('gives the published first values of seed 0', () => {
    const known = [-1.1258, -1.1524, -0.2506, -0.4339, 0.8487];
    expect(largestDifference(createTorchGenerator(0).normals(16), known)).toBeLessThan(1e-4);
  });
});
