/** Fills an outline, with the share of every pixel that it covers. */
import { blendLevel, type Blend, type Coverage } from './coverage.ts';
import { pixelsAround, type Rect } from './rect.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where an outline crosses itself: `nonzero` fills what it goes around, `evenodd` leaves holes. */
export type FillRule = 'nonzero' | 'evenodd';

const linesPerPixel = 4;

export function outlineRect(outline: readonly Point[], size: Coverage): Rect {
  const xs = outline.map(({ x }) => x);
  const ys = outline.map(({ y }) => y);
  if (outline.length === 0) return pixelsAround({ left: 0, top: 0, right: 0, bottom: 0 }, size);
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
  return pixelsAround({ left: least(xs), top: least(ys), right: most(xs), bottom: most(ys) }, size);
}

/** @param outline corners, pixels of the picture; the last joins the first */
export function fillOutline(
  coverage: Coverage,
  outline: readonly Point[],
  rule: FillRule,
  blend: Blend,
): void {
  const { left, top, right, bottom } = outlineRect(outline, coverage);
  const shares = new Float32Array(right - left);
  for (let y = top; y < bottom; y += 1) {
    shares.fill(0);
    for (let line = 0; line < linesPerPixel; line += 1) {
      const at = y + (line + 0.5) / linesPerPixel;
      for (const [from, to] of spansAt(outline, at, rule))
        addSpan(shares, from - left, to - left, 1 / linesPerPixel);
    }
    for (let x = left; x < right; x += 1) {
      const amount = Math.round(Math.min(1, shares[x - left] ?? 0) * 255);
      if (amount > 0) blendLevel(coverage.levels, y * coverage.width + x, amount, blend);
    }
  }
}

function spansAt(
  outline: readonly Point[],
  y: number,
  rule: FillRule,
): readonly (readonly [number, number])[] {
  const crossings: { readonly x: number; readonly turn: number }[] = [];
  for (const [index, from] of outline.entries()) {
    const to = outline[(index + 1) % outline.length] ?? from;
    if (from.y <= y === to.y <= y) continue;
    const x = from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x);
    crossings.push({ x, turn: to.y > from.y ? 1 : -1 });
  }
  crossings.sort((a, b) => a.x - b.x);
  const spans: (readonly [number, number])[] = [];
  let winding = 0;
  for (const [index, { x, turn }] of crossings.entries()) {
    winding += rule === 'nonzero' ? turn : 1;
    const isInside = rule === 'nonzero' ? winding !== 0 : winding % 2 === 1;
    const next = crossings[index + 1];
    if (isInside && next) spans.push([x, next.x]);
  }
  return spans;
}

/** Adds a stretch of one scan line; its ends count by their share of the pixel. */
function addSpan(shares: Float32Array, from: number, to: number, weight: number): void {
  const [start, end] = [Math.max(0, from), Math.min(shares.length, to)];
  for (let x = Math.floor(start); x < end; x += 1) {
    const share = Math.min(x + 1, end) - Math.max(x, start);
    shares[x] = (shares[x] ?? 0) + share * weight;
  }
}
