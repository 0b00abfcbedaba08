/** The picture and mask that image to image, inpainting and outpainting start from, at the size that is painted. */
import { StudioError } from '../../../../contract/errors.ts';
import type { Source } from '../../../../contract/image-options.ts';
import {
  cropAround,
  cropMask,
  cropPicture,
  joinMasks,
  layOver,
  maskOutside,
  paintedArea,
  paintedFrom,
  place,
} from '../pixels/canvas.ts';
import { fillHoles } from '../pixels/fill-holes.ts';
import { fitMask, fitPicture } from '../pixels/fit-picture.ts';
import type { MaskPicture, Picture } from '../pixels/picture.ts';
import { readMask, readPicture } from '../pixels/read-picture.ts';
import { resizeMask, resizePicture, softenMask } from '../pixels/resize.ts';
import type { Rectangle } from '../tiles.ts';

export interface PreparedSource {
  /** At the size that is painted. */
  readonly picture: Picture;
  /** At that size, levels 0 or 255; null paints all. */
  readonly mask: MaskPicture | null;
  /** Puts what was painted back into the whole. */
  finish(painted: Picture): Promise<Picture>;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param size what is painted, pixels
 * @throws {StudioError} `not-found`, `bad-request` or `too-large` for pictures that cannot be read, a
 *   mask of another size or an empty one
 */
export async function prepareSource(
  source: Source,
  files: { readonly source: string; readonly mask: string | null },
  { width, height }: Size,
): Promise<PreparedSource> {
  const own = await readPicture(files.source, 'source picture');
  const ownMask = files.mask === null ? null : await readOwnMask(files.mask, own);
  const canvas = extendedArea(own, source.extend);
  const whole = cropPicture(own, canvas);
  const wholeMask = extendedMask(own, ownMask, canvas);
  if (wholeMask === null) {
    const picture = await fitPicture(whole, width, height, source.fit);
    return { picture, mask: null, finish: (painted) => Promise.resolve(painted) };
  }
  const area = paintedArea(wholeMask);
  if (!area) {
    throw new StudioError(
      'bad-request',
      'The mask is empty. Paint over what is to be made anew, or remove the mask.',
    );
  }
  const { blurPx = 4, paddingPx = 0, fill = 'original', area: reach = 'whole' } = source.mask ?? {};
  const shown =
    reach === 'masked' ? cropAround(area, paddingPx, whole, width / height) : allOf(whole);
  // What is painted in a crop goes back where it came from; a whole picture takes the size asked for.
  const fit = reach === 'masked' ? 'stretch' : source.fit;
  const shownMask = cropMask(wholeMask, shown);
  const picture = await fitPicture(cropPicture(whole, shown), width, height, fit);
  const levels = await fitMask(shownMask, width, height, fit);
  const mask = hardened(levels);
  return {
    // What was added around a picture has nothing of its own to go by.
    picture: fill === 'blurred' || source.extend ? fillHoles(picture, mask) : picture,
    mask,
    async finish(painted) {
      if (reach === 'whole') {
        // A second pass may have made it larger than what it was painted over.
        const scale = painted.width / width;
        const below = await resizePicture(picture, painted.width, painted.height);
        const larger = await resizeMask(levels, painted.width, painted.height);
        return layOver(below, painted, await softened(larger, blurPx * scale));
      }
      const patch = await resizePicture(painted, shown.width, shown.height);
      const soft = await softened(shownMask, blurPx);
      const below = cropPicture(whole, shown);
      return place(whole, layOver(below, patch, soft), shown.left, shown.top);
    },
  };
}

async function readOwnMask(file: string, { width, height }: Size): Promise<MaskPicture> {
  const mask = await readMask(file, 'mask');
  if (mask.width === width && mask.height === height) return mask;
  throw new StudioError(
    'bad-request',
    `The mask is ${mask.width} × ${mask.height} pixels and its picture ${width} × ${height}. Paint the mask over that picture, or give one of its size.`,
    { file },
  );
}

function allOf({ width, height }: Size): Rectangle {
  return { left: 0, top: 0, width, height };
}

/** The picture with its margins, seen from its own corner. */
function extendedArea({ width, height }: Size, extend: Source['extend']): Rectangle {
  const { left = 0, top = 0, right = 0, bottom = 0 } = extend ?? {};
  return { left: -left, top: -top, width: width + left + right, height: height + top + bottom };
}

/** The mask on the larger canvas, with all that was added painted; null where nothing is masked. */
function extendedMask(
  own: Size,
  mask: MaskPicture | null,
  { left, top, width, height }: Rectangle,
): MaskPicture | null {
  if (width === own.width && height === own.height) return mask;
  const added = maskOutside(width, height, { ...own, left: -left, top: -top });
  return mask ? joinMasks(added, cropMask(mask, { left, top, width, height })) : added;
}

function hardened({ width, height, levels }: MaskPicture): MaskPicture {
  return { width, height, levels: levels.map((level) => (level >= paintedFrom ? 255 : 0)) };
}

/**
 * Blurred outwards only: inside the mask everything is painted, and the edge fades into what is kept,
 * by the blur or as softly as the mask itself was painted.
 */
async function softened(mask: MaskPicture, sigmaPx: number): Promise<MaskPicture> {
  const hard = hardened(mask);
  return joinMasks(joinMasks(hard, mask), await softenMask(hard, sigmaPx));
}
