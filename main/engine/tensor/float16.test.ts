import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from './float16.ts';

const toHalf = (value: number) => float32ToFloat16(Float32Array.of(value))[0];
const toFloat = (bits: number) => float16ToFloat32(Uint16Array.of(bits))[0];

/** The definition of binary16, number by number. */
function valueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe('float16', () => {
  it('reads every bit pattern as the standard defines it, and writes it back', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const floats = float16ToFloat32(all);
    const again = float32ToFloat16(floats);
    const wrong = [...all].filter((bits) => {
      const value = valueOf(bits);
      return Number.isNaN(value)
        ? !Number.isNaN(floats[bits]) || !Number.isNaN(toFloat(again[bits] ?? 0))
        : !Object.is(floats[bits], value) || again[bits] !== bits;
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['1 + half a unit, to the even side', 1 + 2 ** -11, 0x3c00],
    ['1 + one and a half units, to the even side', 1 + 3 * 2 ** -11, 0x3c02],
    ['just above half a unit', 1 + 2 ** -11 + 2 ** -20, 0x3c01],
    ['the largest that is finite', 65519.996, 0x7bff],
    ['the smallest that is not', 65520, 0x7c00],
    ['half the smallest subnormal, to zero', 2 ** -25, 0x0000],
    ['just above it', 2 ** -25 + 2 ** -40, 0x0001],
    ['negative zero', -0, 0x8000],
  ])('rounds %s', (_name, value, bits) => {
    expect(toHalf(value)).toBe(bits);
  });

  it('is nowhere further off than half a unit', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65504, max: 65504 }), (value) => {
        const back = toFloat(toHalf(value) ?? 0) ?? Number.NaN;
        const unit = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 1))) - 10);
        expect(Math.abs(back - value)).toBeLessThanOrEqual(unit / 2);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads a part of a larger buffer', () => {
    expect([...float16ToFloat32(Uint16Array.of(0, 0x3c00, 0xc000).subarray(1))]).toEqual([1, -2]);
  });
});
