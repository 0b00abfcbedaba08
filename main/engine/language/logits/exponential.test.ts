import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exponential } from './exponential.ts';

it('is the exponential of what is not positive, to twelve digits', () => {
  expect(exponential(0)).toBe(1);
  expect(exponential(-Infinity)).toBe(0);
  expect(exponential(NaN)).toBeNaN();
  fc.assert(
    fc.property(fc.double({ min: -700, max: 0, noNaN: true }), (x) => {
      const error = exponential(x) / Math.exp(x) - 1;
      expect(Math.abs(error)).toBeLessThan(1e-12);
    }),
    { numRuns: 2000 },
  );
});
