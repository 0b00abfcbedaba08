/** Pictures and masks in memory, and the way between bytes and the numbers that graphs read. */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** u8 [height · width · 3]. */
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** Grey levels: 255 is painted anew, 0 is kept. */
export interface MaskPicture {
  readonly width: number;
  readonly height: number;
  /** u8 [height · width]. */
  readonly levels: Uint8Array<ArrayBuffer>;
}

/** @returns new f32 [3,height,width], −1 … 1 */
export function toPlanar({ width, height, rgb }: Picture): Float32Array {
  const area = width * height;
  const planar = new Float32Array(3 * area);
  for (let pixel = 0; pixel < area; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      planar[channel * area + pixel] = Math.fround((rgb[pixel * 3 + channel] ?? 0) / 255) * 2 - 1;
  return planar;
}

/** @param planar f32 [3,height,width], −1 … 1; clamped @returns new u8 [height · width · 3] */
export function fromPlanar(planar: Float32Array): Uint8Array<ArrayBuffer> {
  const area = planar.length / 3;
  const rgb = new Uint8Array(planar.length);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const value = ((planar[channel * area + pixel] ?? 0) / 2 + 0.5) * 255;
      rgb[pixel * 3 + channel] = Math.round(Math.min(Math.max(value, 0), 255));
    }
  }
  return rgb;
}
