/**
 * Softens a mask with a Gaussian, in time that does not depend on its width: a few passes of a box
 * whose two outermost taps count for a fraction, so that the variance is exact.
 * Source: Gwosdek, Grewenig, Bruhn, Weickert 2011, "Theoretical foundations of Gaussian convolution
 * by extended box filtering".
 */
import type { Coverage } from './coverage.ts';
import { emptyRect, pixelsAround, type Rect } from './rect.ts';
import type { Sliced } from './slices.ts';

const passes = 4;
/** Beyond this many standard deviations nothing of eight bits is left. */
const reachInSigmas = 4;
/** Between the two directions levels are kept as sixteen bits. */
const fine = 256;
/** Columns that are read together: neighbours lie in one line of the processor's cache. */
const columnsAtOnce = 16;
const rowsPerYield = 8;

/** What blurring can change: the covered area and what its edge spreads over. */
export function featherRect({ width, height, levels }: Coverage, sigmaPx: number): Rect {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y += 1) {
    const row = levels.subarray(y * width, (y + 1) * width);
    const first = row.findIndex(isCovered);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, row.findLastIndex(isCovered) + 1);
    top = Math.min(top, y);
    bottom = y + 1;
  }
  if (right <= left) return emptyRect;
  const size = { width, height };
  return pixelsAround({ left, top, right, bottom }, size, Math.ceil(sigmaPx * reachInSigmas));
}

function isCovered(level: number): boolean {
  return level !== 0;
}

/** Blurs what lies in `rect`; beyond the picture its edge goes on. */
export function* feather(coverage: Coverage, rect: Rect, sigmaPx: number): Sliced {
  const { left, top, right, bottom } = rect;
  const [width, height] = [right - left, bottom - top];
  if (width <= 0 || height <= 0 || sigmaPx <= 0) return;
  const across = new Uint16Array(width * height);
  const row = createLineBlur(width, sigmaPx);
  for (let y = 0; y < height; y += 1) {
    blurRow(coverage, rect, y, row, across);
    if (y % rowsPerYield === 0) yield (0.5 * y) / height;
  }
  const column = createLineBlur(height, sigmaPx);
  const block = new Uint16Array(columnsAtOnce * height);
  for (let x = 0; x < width; x += columnsAtOnce) {
    blurColumns(coverage, rect, x, column, across, block);
    yield 0.5 + (0.5 * x) / width;
  }
}

// The loops over pixels are kept out of the generator, whose variables are slower.
function blurRow(
  { width, levels }: Coverage,
  { left, top, right }: Rect,
  y: number,
  line: LineBlur,
  across: Uint16Array,
): void {
  const length = right - left;
  line.write(levels, (top + y) * width + left, 1);
  const blurred = line.blur();
  for (let x = 0; x < length; x += 1)
    across[y * length + x] = (blurred[line.margin + x] ?? 0) * fine + 0.5;
}

function blurColumns(
  { width, levels }: Coverage,
  { left, top, right, bottom }: Rect,
  x: number,
  line: LineBlur,
  across: Uint16Array,
  block: Uint16Array,
): void {
  const [columns, height] = [right - left, bottom - top];
  const count = Math.min(columnsAtOnce, columns - x);
  for (let y = 0; y < height; y += 1)
    for (let c = 0; c < count; c += 1) block[c * height + y] = across[y * columns + x + c] ?? 0;
  for (let c = 0; c < count; c += 1) {
    line.write(block, c * height, 1 / fine);
    const blurred = line.blur();
    for (let y = 0; y < height; y += 1)
      block[c * height + y] = (blurred[line.margin + y] ?? 0) + 0.5;
  }
  for (let y = 0; y < height; y += 1) {
    const to = (top + y) * width + left + x;
    for (let c = 0; c < count; c += 1) levels[to + c] = block[c * height + y] ?? 0;
  }
}

interface LineBlur {
  /** What lies before the line and behind it, so that no tap has to ask where it is. */
  readonly margin: number;
  write(from: Uint8Array | Uint16Array, start: number, scale: number): void;
  /** @returns with a margin at both ends; valid until the next one */
  blur(): Float32Array;
}

function createLineBlur(length: number, sigmaPx: number): LineBlur {
  const variance = sigmaPx ** 2 / passes;
  const radius = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const outer =
    ((2 * radius + 1) * (radius * (radius + 1) - 3 * variance)) /
    (6 * (variance - (radius + 1) ** 2));
  const inverse = 1 / (2 * radius + 1 + 2 * outer);
  const margin = radius + 1;
  const line = new Float32Array(length + 2 * margin);
  const other = new Float32Array(length + 2 * margin);
  let isLevel = false;

  function pass(from: Float32Array, to: Float32Array): void {
    from.fill(from[margin] ?? 0, 0, margin);
    from.fill(from[margin + length - 1] ?? 0, margin + length);
    let sum = 0;
    for (let index = 1; index <= 2 * radius + 1; index += 1) sum += from[index] ?? 0;
    for (let x = 0; x < length; x += 1) {
      const before = from[x] ?? 0;
      const after = from[x + 2 * margin] ?? 0;
      to[x + margin] = (sum + outer * (before + after)) * inverse;
      sum += after - (from[x + 1] ?? 0);
    }
  }

  return {
    margin,
    write(from, start, scale) {
      const first = from[start] ?? 0;
      isLevel = true;
      for (let x = 0; x < length; x += 1) {
        const level = from[start + x] ?? 0;
        if (level !== first) isLevel = false;
        line[x + margin] = level * scale;
      }
    },
    blur() {
      // Most lines of a mask are of one level.
      if (isLevel) return line;
      for (let count = 0; count < passes; count += 2) {
        pass(line, other);
        pass(other, line);
      }
      return line;
    },
  };
}
