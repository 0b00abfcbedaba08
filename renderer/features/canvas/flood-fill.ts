/** The connected area around a pixel, found row by row. */
import { paintedFrom, type Coverage } from './coverage.ts';
import { emptyRect, type Rect } from './rect.ts';
import type { Sliced } from './slices.ts';

/** Stretches of a row that are filled between two looks at the clock. */
const stretchesPerYield = 16;

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
 * @returns what can be reached from the start through sides, not corners; on the way, the share of all
 *   pixels that were found so far, which is less than 1 in the end where the area is a part
 */
export function* connectedRegion(
  { width, height }: { readonly width: number; readonly height: number },
  start: { readonly x: number; readonly y: number },
  belongs: (index: number) => boolean,
): Sliced<Region> {
  const filling = createFilling(width, height, belongs);
  const isWithin = start.x >= 0 && start.y >= 0 && start.x < width && start.y < height;
  if (isWithin) filling.begin(start.y * width + start.x);
  for (let stretches = 1; filling.next(); stretches += 1)
    if (stretches % stretchesPerYield === 0) yield filling.found / (width * height);
  return filling.region();
}

interface Filling {
  begin(seed: number): void;
  /** Fills one stretch of a row. @returns false when there is no other */
  next(): boolean;
  /** Pixels. */
  readonly found: number;
  region(): Region;
}

// The loops over pixels are kept out of the generator, whose variables are slower.
function createFilling(
  width: number,
  height: number,
  belongs: (index: number) => boolean,
): Filling {
  const inside = new Uint8Array(width * height);
  let [left, top, right, bottom] = [width, height, 0, 0];
  const pending: number[] = [];
  let found = 0;

  function fillStretch(seed: number): void {
    const y = Math.floor(seed / width);
    const row = y * width;
    const isOpen = (index: number) => inside[index] === 0 && belongs(index);
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
    found += to - from;
    left = Math.min(left, from);
    right = Math.max(right, to);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }

  return {
    begin(seed) {
      if (belongs(seed)) pending.push(seed);
    },
    next() {
      for (let seed = pending.pop(); seed !== undefined; seed = pending.pop()) {
        if (inside[seed] === 1) continue;
        fillStretch(seed);
        return true;
      }
      return false;
    },
    get found() {
      return found;
    },
    region: () => ({ inside, rect: right > left ? { left, top, right, bottom } : emptyRect }),
  };
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
