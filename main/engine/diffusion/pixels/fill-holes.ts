/** Colours of the surroundings where a mask is white, so that little of what was there is left. */
import { paintedFrom } from './canvas.ts';
import type { MaskPicture, Picture } from './picture.ts';

interface Level {
  readonly width: number;
  readonly height: number;
  /** f32 [height · width · 4]: colour times weight, and weight. */
  readonly values: Float32Array;
}

/**
 * Halves the picture until no hole is left, then fills each size's holes from the next smaller one.
 * @returns new; pixels outside the mask are unchanged
 * Source: pull and push of Gortler et al. 1996, "The Lumigraph", §3.4
 */
export function fillHoles(picture: Picture, mask: MaskPicture): Picture {
  const { width, height, rgb } = picture;
  const values = new Float32Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    if ((mask.levels[pixel] ?? 0) >= paintedFrom) continue;
    for (let c = 0; c < 3; c += 1) values[pixel * 4 + c] = rgb[pixel * 3 + c] ?? 0;
    values[pixel * 4 + 3] = 1;
  }
  const filled = fill({ width, height, values });
  return {
    width,
    height,
    rgb: rgb.map((own, index) => {
      const pixel = Math.floor(index / 3);
      if ((mask.levels[pixel] ?? 0) < paintedFrom) return own;
      return Math.round(filled.values[pixel * 4 + (index % 3)] ?? 0);
    }),
  };
}

function fill(level: Level): Level {
  if (level.width === 1 && level.height === 1) return withGreyForNothing(level);
  const small = fill(halved(level));
  const values = new Float32Array(level.values);
  for (let y = 0; y < level.height; y += 1) {
    for (let x = 0; x < level.width; x += 1) {
      const to = (y * level.width + x) * 4;
      const missing = 1 - (values[to + 3] ?? 0);
      if (missing <= 0) continue;
      for (let c = 0; c < 4; c += 1)
        values[to + c] =
          (values[to + c] ?? 0) + missing * between(small, x / 2 - 0.25, y / 2 - 0.25, c);
    }
  }
  return { ...level, values };
}

/** A mask over everything leaves no colour at all. */
function withGreyForNothing(level: Level): Level {
  if ((level.values[3] ?? 0) > 0) return level;
  return { ...level, values: Float32Array.of(127.5, 127.5, 127.5, 1) };
}

/** Averages of two by two, whose weight is at most one. */
function halved({ width, height, values }: Level): Level {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const result = new Float32Array(half.width * half.height * 4);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let c = 0; c < 4; c += 1) {
        const to = ((y >> 1) * half.width + (x >> 1)) * 4 + c;
        result[to] = (result[to] ?? 0) + (values[(y * width + x) * 4 + c] ?? 0);
      }
  for (let at = 0; at < result.length; at += 4) {
    const weight = result[at + 3] ?? 0;
    const kept = weight > 1 ? 1 / weight : 1;
    for (let c = 0; c < 4; c += 1) result[at + c] = (result[at + c] ?? 0) * kept;
  }
  return { ...half, values: result };
}

/** Bilinear between pixels; the edge is repeated. */
function between({ width, height, values }: Level, x: number, y: number, c: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const read = (column: number, row: number) =>
    values[
      (Math.min(Math.max(row, 0), height - 1) * width + Math.min(Math.max(column, 0), width - 1)) *
        4 +
        c
    ] ?? 0;
  const across = x - left;
  const upper = read(left, top) * (1 - across) + read(left + 1, top) * across;
  const lower = read(left, top + 1) * (1 - across) + read(left + 1, top + 1) * across;
  const down = y - top;
  return upper * (1 - down) + lower * down;
}
