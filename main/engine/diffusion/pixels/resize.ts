/** Pictures and masks at other sizes, and softened masks. */
import sharp from 'sharp';
import type { MaskPicture, Picture } from './picture.ts';

const kernels = { nearest: 'nearest', bicubic: 'cubic', lanczos: 'lanczos3' } as const;
export type ResizeMethod = keyof typeof kernels;

/** @returns new, or the picture itself where it has that size already */
export async function resizePicture(
  picture: Picture,
  width: number,
  height: number,
  method: ResizeMethod = 'lanczos',
): Promise<Picture> {
  if (picture.width === width && picture.height === height) return picture;
  const rgb = await resizeBytes(picture.rgb, picture, 3, width, height, method);
  return { width, height, rgb };
}

/** @returns new, or the mask itself where it has that size already */
export async function resizeMask(
  mask: MaskPicture,
  width: number,
  height: number,
): Promise<MaskPicture> {
  if (mask.width === width && mask.height === height) return mask;
  // Lanczos overshoots, which would paint specks far from the mask.
  const levels = await resizeBytes(mask.levels, mask, 1, width, height, 'nearest');
  return { width, height, levels };
}

async function resizeBytes(
  bytes: Uint8Array,
  from: { readonly width: number; readonly height: number },
  channels: 1 | 3,
  width: number,
  height: number,
  method: ResizeMethod,
): Promise<Uint8Array<ArrayBuffer>> {
  const raw = { width: from.width, height: from.height, channels };
  const image = sharp(bytes, { raw })
    .resize(width, height, { fit: 'fill', kernel: kernels[method], fastShrinkOnLoad: false })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw();
  return new Uint8Array(await image.toBuffer());
}

/** @param sigmaPx standard deviation of the blur @returns new, or the mask itself without a blur */
export async function softenMask(mask: MaskPicture, sigmaPx: number): Promise<MaskPicture> {
  // Below this the filter is a single tap.
  if (sigmaPx < 0.3) return mask;
  const { width, height, levels } = mask;
  const image = sharp(levels, { raw: { width, height, channels: 1 } })
    .blur({ sigma: sigmaPx, minAmplitude: 0.01 })
    .toColourspace('b-w')
    .raw();
  return { width, height, levels: new Uint8Array(await image.toBuffer()) };
}
