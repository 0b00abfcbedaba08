/**
 * Edges as white lines on black, for ControlNets that were trained on them.
 * Source: Canny 1986, "A Computational Approach to Edge Detection": gradients by Sobel (L1 norm),
 * thinned along their direction, followed with two thresholds.
 */
import type { Picture } from './picture.ts';

const lowThreshold = 100;
const highThreshold = 200;
/** tan 22.5° */
const tangent = Math.SQRT2 - 1;

/** @returns new, three equal channels of 0 or 255 */
export function cannyEdges(
  { width, height, rgb }: Picture,
  low = lowThreshold,
  high = highThreshold,
): Picture {
  const grey = new Uint8Array(width * height);
  for (let pixel = 0; pixel < grey.length; pixel += 1) {
    const [r = 0, g = 0, b = 0] = rgb.subarray(pixel * 3, pixel * 3 + 3);
    grey[pixel] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  }
  const read = (x: number, y: number) =>
    grey[Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)] ?? 0;
  const across = new Int32Array(grey.length);
  const down = new Int32Array(grey.length);
  const strength = new Int32Array(grey.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const dx =
        read(x + 1, y - 1) +
        2 * read(x + 1, y) +
        read(x + 1, y + 1) -
        (read(x - 1, y - 1) + 2 * read(x - 1, y) + read(x - 1, y + 1));
      const dy =
        read(x - 1, y + 1) +
        2 * read(x, y + 1) +
        read(x + 1, y + 1) -
        (read(x - 1, y - 1) + 2 * read(x, y - 1) + read(x + 1, y - 1));
      const at = y * width + x;
      across[at] = dx;
      down[at] = dy;
      strength[at] = Math.abs(dx) + Math.abs(dy);
    }
  }
  const strengthAt = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (strength[y * width + x] ?? 0);

  function isRidge(x: number, y: number): boolean {
    const at = y * width + x;
    const own = strength[at] ?? 0;
    const dx = across[at] ?? 0;
    const dy = down[at] ?? 0;
    // Of two equal neighbours one is kept.
    if (Math.abs(dy) < tangent * Math.abs(dx))
      return own > strengthAt(x - 1, y) && own >= strengthAt(x + 1, y);
    if (Math.abs(dx) < tangent * Math.abs(dy))
      return own > strengthAt(x, y - 1) && own >= strengthAt(x, y + 1);
    const side = dx * dy < 0 ? -1 : 1;
    return own > strengthAt(x - side, y - 1) && own > strengthAt(x + side, y + 1);
  }

  const weak = new Uint8Array(grey.length);
  const edges = new Uint8Array(grey.length);
  const open: number[] = [];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      const own = strength[at] ?? 0;
      if (own <= low || !isRidge(x, y)) continue;
      weak[at] = 1;
      if (own <= high) continue;
      edges[at] = 255;
      open.push(at);
    }
  }
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny += 1) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx += 1) {
        const next = ny * width + nx;
        if (!weak[next] || edges[next]) continue;
        edges[next] = 255;
        open.push(next);
      }
    }
  }
  const result = new Uint8Array(width * height * 3);
  for (const [pixel, level] of edges.entries()) result.fill(level, pixel * 3, pixel * 3 + 3);
  return { width, height, rgb: result };
}
