/** The connected area around a pixel, found row by row. */
import { paintedFrom, type Coverage } from './coverage.ts';
import { emptyRect, type Rect } from './rect.ts';

export interface Region {
  /** [height, width], 1 inside. */
  readonly inside: Uint8Array;
  readonly rect: Rect;
}

/** RGBA of the picture under a mask, of the mask's size. */
export type PicturePixels = Uint8ClampedArray;

/**
 * @param start   pixel to start from; none outside the picture
 * @param belongs whether the pixel at an index may be part; asked at most a few times for each
 * @returns what can be reached from the start through sides, not corners
 */
export function connectedRegion(
  { width, height }: { readonly width: number; readonly height: number },
  start: { readonly x: number; readonly y: number },
  belongs: (index: number) => boolean,
): Region {
  const inside = new Uint8Array(width * height);
  let [left, top, right, bottom] = [width, height, 0, 0];
  const pending: number[] = [];
  const isOpen = (index: number) => inside[index] === 0 && belongs(index);
  const isWithin = start.x >= 0 && start.y >= 0 && start.x < width && start.y < height;
  if (isWithin && belongs(start.y * width + start.x)) pending.push(start.y * width + start.x);
  for (let seed = pending.pop(); seed !== undefined; seed = pending.pop()) {
    if (inside[seed] === 1) continue;
    const y = Math.floor(seed / width);
    const row = y * width;
    let from = seed - row;
    while (from > 0 && isOpen(row + from - 1)) from -= 1;
    let to = from;
    let wasOpenAbove = false;
    let wasOpenBelow = false;
    for (; to < width && isOpen(row + to); to += 1) {
      inside[row + to] = 1;
      // One seed for every stretch of the rows beside this one.
      const isOpenAbove = y > 0 && isOpen(row + to - width);
      if (isOpenAbove && !wasOpenAbove) pending.push(row + to - width);
      wasOpenAbove = isOpenAbove;
      const isOpenBelow = y + 1 < height && isOpen(row + to + width);
      if (isOpenBelow && !wasOpenBelow) pending.push(row + to + width);
      wasOpenBelow = isOpenBelow;
    }
    left = Math.min(left, from);
    right = Math.max(right, to);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return { inside, rect: right > left ? { left, top, right, bottom } : emptyRect };
}

/** Pixels that are painted, or kept, as the one at the start is. */
export function sameSide({ levels }: Coverage, start: number): (index: number) => boolean {
  const isPainted = (levels[start] ?? 0) >= paintedFrom;
  return (index) => (levels[index] ?? 0) >= paintedFrom === isPainted;
}

/** Pixels none of whose channels is farther from the start's than `tolerance`, 0 … 255. */
export function similarColour(
  pixels: PicturePixels,
  start: number,
  tolerance: number,
): (index: number) => boolean {
  const channel = (index: number, offset: number) => pixels[index * 4 + offset] ?? 0;
  const [red, green, blue] = [0, 1, 2].map((offset) => channel(start, offset)) as [
    number,
    number,
    number,
  ];
  return (index) =>
    Math.abs(channel(index, 0) - red) <= tolerance &&
    Math.abs(channel(index, 1) - green) <= tolerance &&
    Math.abs(channel(index, 2) - blue) <= tolerance;
}
