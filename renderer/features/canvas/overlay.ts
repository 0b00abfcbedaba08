/** A mask as a tint over the part of the picture that is in sight: no copy of the whole mask in colour. */
import type { CanvasView } from './canvas-view.ts';
import type { Coverage } from './coverage.ts';
import type { Rect } from './rect.ts';

export interface Tint {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** Opacity of what is fully painted, 0 … 1. */
  readonly opacity: number;
}

/**
 * @param view in pixels of the screen, not CSS pixels
 * @param rect what to draw, whole pixels of the screen
 * @returns new RGBA [rect height, rect width]
 */
export function overlayPixels(
  { width, height, levels }: Coverage,
  view: CanvasView,
  rect: Rect,
  tint: Tint,
): Uint8ClampedArray<ArrayBuffer> {
  const [columns, rows] = [rect.right - rect.left, rect.bottom - rect.top];
  const pixels = new Uint8ClampedArray(columns * rows * 4);
  const xs = Int32Array.from({ length: columns }, (_, column) => {
    const x = Math.floor((rect.left + column + 0.5 - view.x) / view.scale);
    return x >= 0 && x < width ? x : -1;
  });
  for (let row = 0; row < rows; row += 1) {
    const y = Math.floor((rect.top + row + 0.5 - view.y) / view.scale);
    if (y < 0 || y >= height) continue;
    for (let column = 0; column < columns; column += 1) {
      const x = xs[column] ?? -1;
      const level = x < 0 ? 0 : (levels[y * width + x] ?? 0);
      if (level === 0) continue;
      const at = (row * columns + column) * 4;
      pixels[at] = tint.red;
      pixels[at + 1] = tint.green;
      pixels[at + 2] = tint.blue;
      pixels[at + 3] = level * tint.opacity;
    }
  }
  return pixels;
}
