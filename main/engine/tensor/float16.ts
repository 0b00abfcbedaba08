/** IEEE 754 binary16 as bit patterns: how float16 tensors cross into the runtime. */

/** @returns new f32 array of the same length, exact; the caller owns it */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  return new Float32Array(new Float16Array(halves.buffer, halves.byteOffset, halves.length));
}

/** @returns new bit patterns, rounded to nearest even; from 65520 on an infinity, as in hardware */
export function float32ToFloat16(floats: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(floats).buffer);
}
