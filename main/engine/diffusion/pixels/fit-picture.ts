/** How a picture of another shape meets the size asked for. */
import type { Source } from '../../../../contract/image-options.ts';
import type { Rectangle } from '../tiles.ts';
import { cropMask, cropPicture } from './canvas.ts';
import type { MaskPicture, Picture } from './picture.ts';
import { resizeMask, resizePicture } from './resize.ts';

/** The size to scale to, and what is then cut out; it may reach beyond the picture. */
interface Fitting {
  readonly width: number;
  readonly height: number;
  readonly window: Rectangle;
}

function fittingOf(
  from: { readonly width: number; readonly height: number },
  width: number,
  height: number,
  fit: Source['fit'],
): Fitting {
  if (fit === 'stretch') return { width, height, window: { left: 0, top: 0, width, height } };
  const ratios = [width / from.width, height / from.height];
  const ratio = fit === 'crop' ? Math.max(...ratios) : Math.min(...ratios);
  const scaled = {
    width: Math.max(1, Math.round(from.width * ratio)),
    height: Math.max(1, Math.round(from.height * ratio)),
  };
  const left = Math.floor((scaled.width - width) / 2);
  const top = Math.floor((scaled.height - height) / 2);
  return { ...scaled, window: { left, top, width, height } };
}

/** Where a picture has to be padded, its edge is repeated. */
export async function fitPicture(
  picture: Picture,
  width: number,
  height: number,
  fit: Source['fit'],
): Promise<Picture> {
  const fitting = fittingOf(picture, width, height, fit);
  const scaled = await resizePicture(picture, fitting.width, fitting.height);
  if (scaled.width === width && scaled.height === height) return scaled;
  return cropPicture(scaled, fitting.window);
}

/** As `fitPicture` fits a picture of the mask's size. */
export async function fitMask(
  mask: MaskPicture,
  width: number,
  height: number,
  fit: Source['fit'],
): Promise<MaskPicture> {
  const fitting = fittingOf(mask, width, height, fit);
  const scaled = await resizeMask(mask, fitting.width, fitting.height);
  if (scaled.width === width && scaled.height === height) return scaled;
  return cropMask(scaled, fitting.window);
}
