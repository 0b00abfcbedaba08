/**
 * Softens a mask with a Gaussian, in time that does not depend on its width: a few passes of a box
 * whose two outermost taps count for a fraction, so that the variance is exact.
 * Source: Gwosdek, Grewenig, Bruhn, Weickert 2011, "Theoretical foundations of Gaussian convolution
 * by extended box filtering".
 */
import type { Coverage } from './coverage.ts';
import { emptyRect, pixelsAround, type Rect } from './rect.ts';

const passes = 4;
/** Beyond this many standard deviations nothing of eight bits is left. */
const reachInSigmas = 4;

/** What blurring can change: the covered area and what its edge spreads over. */
export function featherRect(coverage: Coverage, sigmaPx: number): Rect {
  const { width, height, levels } = coverage;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (levels[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  if (right <= left) return emptyRect;
  return pixelsAround({ left, top, right, bottom }, coverage, Math.ceil(sigmaPx * reachInSigmas));
}

/** Blurs what lies in `rect`; beyond the picture its edge goes on. */
export function feather(coverage: Coverage, rect: Rect, sigmaPx: number): void {
  const { left, top, right, bottom } = rect;
  const [width, height] = [right - left, bottom - top];
  if (width <= 0 || height <= 0 || sigmaPx <= 0) return;
  const across = new Float32Array(width * height);
  const row = createLineBlur(width, sigmaPx);
  for (let y = 0; y < height; y += 1) {
    const start = (top + y) * coverage.width + left;
    for (let x = 0; x < width; x += 1) row.line[x] = coverage.levels[start + x] ?? 0;
    across.set(row.blur(), y * width);
  }
  const column = createLineBlur(height, sigmaPx);
  for (let x = 0; x < width; x += 1) {
    for (let y = 0; y < height; y += 1) column.line[y] = across[y * width + x] ?? 0;
    const blurred = column.blur();
    for (let y = 0; y < height; y += 1)
      coverage.levels[(top + y) * coverage.width + left + x] = Math.round(blurred[y] ?? 0);
  }
}

function createLineBlur(
  length: number,
  sigmaPx: number,
): { readonly line: Float32Array; blur(): Float32Array } {
  const variance = sigmaPx ** 2 / passes;
  const radius = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const outer =
    ((2 * radius + 1) * (radius * (radius + 1) - 3 * variance)) /
    (6 * (variance - (radius + 1) ** 2));
  const inverse = 1 / (2 * radius + 1 + 2 * outer);
  const line = new Float32Array(length);
  let [from, to] = [line, new Float32Array(length)];
  const at = (index: number) => from[Math.min(length - 1, Math.max(0, index))] ?? 0;

  function pass(): void {
    let sum = 0;
    for (let index = -radius; index <= radius; index += 1) sum += at(index);
    for (let x = 0; x < length; x += 1) {
      const [before, after] = [at(x - radius - 1), at(x + radius + 1)];
      to[x] = (sum + outer * (before + after)) * inverse;
      sum += after - at(x - radius);
    }
    [from, to] = [to, from];
  }

  return {
    line,
    blur() {
      // Most lines of a mask are of one level.
      if (line.every((level) => level === line[0])) return line;
      for (let count = 0; count < passes; count += 1) pass();
      // After an even number of passes the result is back where the line was written.
      return line;
    },
  };
}
