/** A round brush drawn along a line: every pixel is judged by its distance, so no single dabs show. */
import { blendLevel, type Blend, type Coverage } from './coverage.ts';
import { pixelsAround, type Rect } from './rect.ts';

/** A place of the brush, pixels of the picture; pixel centres lie at halves. */
export interface Dab {
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
}

/** What a segment can change, and nothing beyond it. */
export function segmentRect(from: Dab, to: Dab, size: Coverage): Rect {
  const reach = Math.max(from.radiusPx, to.radiusPx) + 1;
  return pixelsAround(
    {
      left: Math.min(from.x, to.x),
      top: Math.min(from.y, to.y),
      right: Math.max(from.x, to.x),
      bottom: Math.max(from.y, to.y),
    },
    size,
    reach,
  );
}

/**
 * Draws from one dab to the next; the radius goes over evenly, as a pen's pressure does.
 * @param hardness 0 … 1: share of the radius that is covered fully; the edge is never harder than a pixel
 */
export function drawSegment(
  coverage: Coverage,
  from: Dab,
  to: Dab,
  hardness: number,
  blend: Blend,
): void {
  const { left, top, right, bottom } = segmentRect(from, to, coverage);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const lengthSquared = dx * dx + dy * dy;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along =
        lengthSquared === 0 ? 1 : Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const radius = from.radiusPx + (to.radiusPx - from.radiusPx) * along;
      const [ex, ey] = [px - dx * along, py - dy * along];
      const amount = brushLevel(Math.sqrt(ex * ex + ey * ey), radius, hardness);
      if (amount > 0) blendLevel(coverage.levels, y * coverage.width + x, amount, blend);
    }
  }
}

/** @returns 0 … 255 at a distance from the brush's middle */
function brushLevel(distancePx: number, radiusPx: number, hardness: number): number {
  const inner = Math.min(radiusPx * hardness, radiusPx - 0.5);
  const outer = radiusPx + 0.5;
  if (distancePx >= outer) return 0;
  if (distancePx <= inner) return 255;
  const share = (outer - distancePx) / (outer - inner);
  // A hard edge is the pixel's share; a soft one eases in and out.
  const eased = outer - inner <= 1 ? share : share * share * (3 - 2 * share);
  return Math.round(eased * 255);
}
