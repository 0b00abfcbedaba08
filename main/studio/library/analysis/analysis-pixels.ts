/** What every part of an analysis looks at: the picture squeezed to a small square, as OKLab. */
import { oklabOf } from './oklab.ts';

/** Width and height of the square, pixels. */
export const analysisSide = 64;
export const analysisPixels = analysisSide * analysisSide;

export interface OklabPlanes {
  /** Each f32 [64,64], row by row. */
  readonly l: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** @param rgb u8 [64,64,3], sRGB; not modified @throws {RangeError} at any other length */
export function oklabPlanesOf(rgb: Uint8Array): OklabPlanes {
  if (rgb.length !== analysisPixels * 3)
    throw new RangeError(`An analysis needs ${analysisPixels * 3} bytes, not ${rgb.length}.`);
  const planes = {
    l: new Float32Array(analysisPixels),
    a: new Float32Array(analysisPixels),
    b: new Float32Array(analysisPixels),
  };
  for (let pixel = 0; pixel < analysisPixels; pixel += 1) {
    const { l, a, b } = oklabOf(
      rgb[pixel * 3] ?? 0,
      rgb[pixel * 3 + 1] ?? 0,
      rgb[pixel * 3 + 2] ?? 0,
    );
    planes.l[pixel] = l;
    planes.a[pixel] = a;
    planes.b[pixel] = b;
  }
  return planes;
}
