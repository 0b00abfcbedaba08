/** A mask over pixels as one over latents, and what inpainting models read besides the latents. */
import { paintedFrom } from '../pixels/canvas.ts';
import { toPlanar, type MaskPicture, type Picture } from '../pixels/picture.ts';

/**
 * 1 where latents are painted, 0 where they are kept; a latent is painted if half of its pixels are.
 * @returns new f32 [channels, height, width]
 */
export function latentMask(
  { width, height, levels }: MaskPicture,
  size: { readonly width: number; readonly height: number },
  channels: number,
): Float32Array {
  const factor = width / size.width;
  const area = size.width * size.height;
  const shares = new Float32Array(area);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / factor) * size.width;
    for (let x = 0; x < width; x += 1) {
      const cell = row + Math.floor(x / factor);
      shares[cell] = (shares[cell] ?? 0) + ((levels[y * width + x] ?? 0) >= paintedFrom ? 1 : 0);
    }
  }
  const enough = factor ** 2 / 2;
  const mask = new Float32Array(area * channels);
  for (const index of mask.keys()) mask[index] = (shares[index % area] ?? 0) >= enough ? 1 : 0;
  return mask;
}

/** @returns new f32 [3,height,width], −1 … 1: mid grey where the mask paints, everywhere without a picture */
export function maskedPlanar(
  size: { readonly width: number; readonly height: number },
  picture: Picture | null,
  mask: MaskPicture | null,
): Float32Array {
  const area = size.width * size.height;
  if (!picture || !mask) return new Float32Array(3 * area);
  return toPlanar(picture).map((value, index) =>
    (mask.levels[index % area] ?? 0) >= paintedFrom ? 0 : value,
  );
}
