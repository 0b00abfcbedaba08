/** Noise between that of two seeds. */

/**
 * Spherical interpolation down each column, as A1111 has it: the angle is taken along the height of
 * every channel and column.
 * @param from f32 [C,height,width], at strength 0; not modified
 * @param to same shape, at strength 1; not modified
 * @returns new, same shape
 * Source: Shoemake 1985, "Animating Rotation with Quaternion Curves"
 */
export function interpolateNoise(
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
  strength: number,
): Float32Array {
  const result = new Float32Array(from.length);
  const area = width * height;
  for (let start = 0; start < from.length; start += area) {
    for (let x = 0; x < width; x += 1) {
      let [dot, fromSquare, toSquare] = [0, 0, 0];
      for (let index = start + x; index < start + area; index += width) {
        const [a, b] = [from[index] ?? 0, to[index] ?? 0];
        dot += a * b;
        fromSquare += a * a;
        toSquare += b * b;
      }
      const angle = Math.acos(Math.min(1, Math.max(-1, dot / Math.sqrt(fromSquare * toSquare))));
      const sine = Math.sin(angle);
      // Of two equal columns there is nothing to turn.
      const isFlat = !(sine > 1e-6);
      const ofFrom = isFlat ? 1 - strength : Math.sin((1 - strength) * angle) / sine;
      const ofTo = isFlat ? strength : Math.sin(strength * angle) / sine;
      for (let index = start + x; index < start + area; index += width)
        result[index] = ofFrom * (from[index] ?? 0) + ofTo * (to[index] ?? 0);
    }
  }
  return result;
}
