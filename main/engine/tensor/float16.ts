/** IEEE 754 binary16 as bit patterns, rounded to nearest even. */

const scratch = new DataView(new ArrayBuffer(4));

/** @returns new f32 array of the same length; the caller owns it */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index += 1) floats[index] = decode(halves[index] ?? 0);
  return floats;
}

/** @returns new bit patterns; beyond ±65504 becomes an infinity, as in hardware */
export function float32ToFloat16(floats: Float32Array): Uint16Array {
  const halves = new Uint16Array(floats.length);
  for (let index = 0; index < floats.length; index += 1) halves[index] = encode(floats[index] ?? 0);
  return halves;
}

function decode(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function encode(float: number): number {
  scratch.setFloat32(0, float);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and above round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: the value in units of 2^-24, rounded half to even.
    const units = Math.abs(float) * 2 ** 24;
    const floor = Math.floor(units);
    const rest = units - floor;
    return sign | (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor);
  }
  const rebased = magnitude - 0x38000000;
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}
