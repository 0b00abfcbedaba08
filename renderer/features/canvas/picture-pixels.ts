/** Pictures of the studio as pixels, and masks as pictures. */
import type { Coverage } from './coverage.ts';
import type { PicturePixels } from './flood-fill.ts';
import { nextTurn } from './slices.ts';

/** Rows that are turned into a picture at a time: a large mask is never held in colour as a whole. */
const bandRows = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, not colour-managed. */
  readonly rgba: PicturePixels;
}

/** @param url of the same origin as the page */
export async function readPixels(url: string): Promise<Pixels> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const bitmap = await createImageBitmap(image, { colorSpaceConversion: 'none' });
  const { width, height } = bitmap;
  const context = contextOf(new OffscreenCanvas(width, height));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, rgba: context.getImageData(0, 0, width, height).data };
}

/** @returns the grey levels of a mask's picture */
export function levelsOf({ width, height, rgba }: Pixels): Coverage {
  const levels = new Uint8Array(width * height);
  for (let index = 0; index < levels.length; index += 1) levels[index] = rgba[index * 4] ?? 0;
  return { width, height, levels };
}

/** @returns a PNG whose grey levels are the mask's as they are now, whatever is painted meanwhile */
export async function maskPicture({
  width,
  height,
  levels: painted,
}: Coverage): Promise<Uint8Array<ArrayBuffer>> {
  const levels = painted.slice();
  const canvas = new OffscreenCanvas(width, height);
  const context = contextOf(canvas);
  for (let top = 0; top < height; top += bandRows) {
    const rows = Math.min(bandRows, height - top);
    const band = new ImageData(width, rows);
    for (let index = 0; index < width * rows; index += 1) {
      const level = levels[top * width + index] ?? 0;
      band.data[index * 4] = level;
      band.data[index * 4 + 1] = level;
      band.data[index * 4 + 2] = level;
      band.data[index * 4 + 3] = 255;
    }
    context.putImageData(band, 0, top);
    // A large one takes a second in all; painting goes on meanwhile.
    await nextTurn();
  }
  const file = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await file.arrayBuffer());
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser has no canvas to read pictures with.');
  return context;
}
