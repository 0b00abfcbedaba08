import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from './float16.ts';

describe('float16', () => {
  it('returns every bit pattern but the payload of NaNs', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const again = float32ToFloat16(float16ToFloat32(all));
    for (const bits of all) {
      const isNaN = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      if (isNaN) expect((again[bits] ?? 0) & 0x7e00).toBe(0x7e00);
      else expect(again[bits]).toBe(bits);
    }
  });

  it('rounds as the platform does', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        expect(float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0]).toBe(
          Math.f16round(value),
        );
      }),
      { numRuns: 5000 },
    );
  });
});
