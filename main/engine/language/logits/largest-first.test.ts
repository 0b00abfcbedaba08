import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestFirst } from './largest-first.ts';

const value = fc.oneof(
  fc.float({ noNaN: true }),
  fc.float({ noNaN: true, min: -30, max: 30 }),
  fc.constantFrom(0, -0, -Infinity, 1, -1),
);

describe('largest first', () => {
  it('is the order of a stable sort, wherever it stops', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 1500, size: 'max' }),
        fc.nat(1500),
        (values, count) => {
          const floats = Float32Array.from(values);
          const sorted = [...floats.keys()].toSorted((a, b) => {
            const [left, right] = [floats[a] ?? 0, floats[b] ?? 0];
            return left === right ? a - b : right - left;
          });
          const order = largestFirst(floats);
          const places = Math.min(count, floats.length);
          expect(Array.from({ length: places }, (_, place) => order.at(place))).toEqual(
            sorted.slice(0, places),
          );
          expect([...largestFirst(floats).first(places)]).toEqual(sorted.slice(0, places));
        },
      ),
    );
  });
});
