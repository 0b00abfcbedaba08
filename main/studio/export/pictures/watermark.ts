/** Marks on exported pictures: made once for each size of picture, put over its pixels. */
import sharp from 'sharp';
import { StudioError } from '../../../../contract/errors.ts';
import type { ExportPosition, ExportWatermark } from '../../../../contract/exports.ts';
import { drawLabel } from '../../grids/label.ts';
import type { PixelSize } from './target-size.ts';

/** Pixels to put over a picture: RGBA, not premultiplied. */
export interface Overlay {
  readonly input: Buffer;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 4 };
  readonly left: number;
  readonly top: number;
}

export interface Watermarks {
  /** @returns null where there is no mark @throws {StudioError} `bad-request` if its picture cannot be read */
  overlay(size: PixelSize): Promise<Overlay | null>;
}

/** Exports mostly have few sizes; more than these are drawn again. */
const mostKept = 16;

export function createWatermarks(watermark: ExportWatermark): Watermarks {
  const kept = new Map<string, Promise<Overlay | null>>();
  return {
    overlay(size) {
      if (watermark.kind === 'none') return Promise.resolve(null);
      const key = `${size.width}x${size.height}`;
      const known = kept.get(key);
      if (known) return known;
      const made = draw(watermark, size);
      kept.set(key, made);
      const [oldest] = kept.keys();
      if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
      return made;
    },
  };
}

type Mark = Exclude<ExportWatermark, { kind: 'none' }>;

async function draw(mark: Mark, size: PixelSize): Promise<Overlay | null> {
  const shortEdge = Math.min(size.width, size.height);
  const margin = Math.round(mark.margin * shortEdge);
  const room = {
    width: Math.max(1, size.width - 2 * margin),
    height: Math.max(1, size.height - 2 * margin),
  };
  const drawn =
    mark.kind === 'text'
      ? await drawText(mark, room, shortEdge)
      : await drawPicture(mark, room, shortEdge);
  if (!drawn) return null;
  const { width, height } = drawn.raw;
  const [left, top] = placeOf(mark.position, size, { width, height }, margin);
  return { ...drawn, left, top };
}

async function drawText(
  { text, colour, size, opacity }: Extract<Mark, { kind: 'text' }>,
  room: PixelSize,
  shortEdge: number,
): Promise<Pick<Overlay, 'input' | 'raw'> | null> {
  const px = Math.max(4, Math.round(size * shortEdge));
  const label = await drawLabel(text, { maxWidth: room.width, px });
  if (label.width === 0) return null;
  const width = Math.min(label.width, room.width);
  const height = Math.min(label.height, room.height);
  const input = Buffer.alloc(width * height * 4);
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      input[at] = red ?? 0;
      input[at + 1] = green ?? 0;
      input[at + 2] = blue ?? 0;
      input[at + 3] = Math.round((label.alpha[y * label.width + x] ?? 0) * opacity);
    }
  return { input, raw: { width, height, channels: 4 } };
}

async function drawPicture(
  { path, size, opacity }: Extract<Mark, { kind: 'picture' }>,
  room: PixelSize,
  shortEdge: number,
): Promise<Pick<Overlay, 'input' | 'raw'>> {
  try {
    const { data, info } = await sharp(path)
      .autoOrient()
      .resize({
        width: Math.max(1, Math.min(room.width, Math.round(size * shortEdge))),
        height: room.height,
        fit: 'inside',
      })
      .ensureAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (let at = 3; at < data.length; at += 4) data[at] = Math.round((data[at] ?? 0) * opacity);
    return { input: data, raw: { width: info.width, height: info.height, channels: 4 } };
  } catch (cause) {
    throw new StudioError(
      'bad-request',
      `The watermark "${path}" cannot be read as a picture. Choose another file.`,
      { path },
      { cause },
    );
  }
}

function placeOf(
  position: ExportPosition,
  size: PixelSize,
  mark: PixelSize,
  margin: number,
): readonly [left: number, top: number] {
  const along = (whole: number, own: number, at: 'start' | 'middle' | 'end') => {
    const free = Math.max(0, whole - own);
    if (at === 'middle') return Math.round(free / 2);
    return Math.min(free, at === 'start' ? margin : Math.max(0, free - margin));
  };
  const horizontal = position.endsWith('left')
    ? 'start'
    : position.endsWith('right')
      ? 'end'
      : 'middle';
  const vertical = position.startsWith('top')
    ? 'start'
    : position.startsWith('bottom')
      ? 'end'
      : 'middle';
  return [along(size.width, mark.width, horizontal), along(size.height, mark.height, vertical)];
}
