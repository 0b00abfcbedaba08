/** Cutting, extending and putting together pictures and masks. */
import type { Rectangle } from '../tiles.ts';
import type { MaskPicture, Picture } from './picture.ts';

/** Bytes of a rectangle that may reach beyond the edge, where the nearest byte is repeated. */
function windowOf(
  bytes: Uint8Array,
  size: { readonly width: number; readonly height: number },
  channels: number,
  { left, top, width, height }: Rectangle,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    const fromY = Math.min(Math.max(top + y, 0), size.height - 1);
    for (let x = 0; x < width; x += 1) {
      const fromX = Math.min(Math.max(left + x, 0), size.width - 1);
      const from = (fromY * size.width + fromX) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c += 1) result[to + c] = bytes[from + c] ?? 0;
    }
  }
  return result;
}

/** @param area may reach beyond the picture: its edge is repeated there @returns new */
export function cropPicture(picture: Picture, area: Rectangle): Picture {
  const { width, height } = area;
  return { width, height, rgb: windowOf(picture.rgb, picture, 3, area) };
}

/** @param area may reach beyond the mask: its edge is repeated there @returns new */
export function cropMask(mask: MaskPicture, area: Rectangle): MaskPicture {
  const { width, height } = area;
  return { width, height, levels: windowOf(mask.levels, mask, 1, area) };
}

/** A mask that is white outside a rectangle and black inside. */
export function maskOutside(width: number, height: number, kept: Rectangle): MaskPicture {
  const levels = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < kept.height; y += 1) {
    const start = (kept.top + y) * width + kept.left;
    levels.fill(0, start, start + kept.width);
  }
  return { width, height, levels };
}

/** The lighter of two masks of one size, pixel by pixel; new. */
export function joinMasks(one: MaskPicture, other: MaskPicture): MaskPicture {
  return { ...one, levels: one.levels.map((level, i) => Math.max(level, other.levels[i] ?? 0)) };
}

/**
 * Lays a painted picture over another of the same size.
 * @param mask 0 keeps the byte of `below` exactly, 255 takes that of `above`
 * @returns new
 */
export function layOver(below: Picture, above: Picture, mask: MaskPicture): Picture {
  const rgb = below.rgb.map((kept, index) => {
    const level = mask.levels[Math.floor(index / 3)] ?? 0;
    const painted = above.rgb[index] ?? 0;
    return Math.round((kept * (255 - level) + painted * level) / 255);
  });
  return { ...below, rgb };
}

/** Puts a picture into a copy of another, at a place wholly inside it. */
export function place(below: Picture, part: Picture, left: number, top: number): Picture {
  const rgb = new Uint8Array(below.rgb);
  for (let y = 0; y < part.height; y += 1) {
    const row = part.rgb.subarray(y * part.width * 3, (y + 1) * part.width * 3);
    rgb.set(row, ((top + y) * below.width + left) * 3);
  }
  return { ...below, rgb };
}

/** The smallest rectangle around everything that is painted; null for a black mask. */
export function paintedArea({ width, height, levels }: MaskPicture): Rectangle | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((levels[y * width + x] ?? 0) < paintedFrom) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** A pixel whose level is at least this is painted. As diffusers: half of white. */
export const paintedFrom = 127.5;

/**
 * Grows a rectangle by a padding and then, along one side, to the proportions asked for, as far as
 * the picture reaches.
 */
export function cropAround(
  area: Rectangle,
  paddingPx: number,
  bounds: { readonly width: number; readonly height: number },
  aspect: number,
): Rectangle {
  const left = Math.max(0, area.left - paddingPx);
  const top = Math.max(0, area.top - paddingPx);
  const width = Math.min(bounds.width, area.left + area.width + paddingPx) - left;
  const height = Math.min(bounds.height, area.top + area.height + paddingPx) - top;
  const wanted = {
    width: Math.min(bounds.width, Math.max(width, Math.round(height * aspect))),
    height: Math.min(bounds.height, Math.max(height, Math.round(width / aspect))),
  };
  return {
    left: shifted(left, width, wanted.width, bounds.width),
    top: shifted(top, height, wanted.height, bounds.height),
    ...wanted,
  };
}

/** Where a side that grew starts, so that it stays around its middle and inside the picture. */
function shifted(start: number, length: number, grown: number, limit: number): number {
  const centred = start - Math.floor((grown - length) / 2);
  return Math.min(Math.max(centred, 0), limit - grown);
}
