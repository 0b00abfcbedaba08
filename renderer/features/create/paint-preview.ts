/** Draws a preview of a few dozen pixels large and smooth. */
import type { TimelineStep } from '../../../contract/timeline.ts';

/** Each pass enlarges by at most this: several small passes are smoother than one large one. */
const passFactor = 2;

/** @param canvas is given `longSide` pixels along its longer side and drawn over */
export function paintPreview(
  canvas: HTMLCanvasElement,
  preview: TimelineStep,
  longSide: number,
): void {
  const { width, height, rgb } = preview;
  const pixels = new ImageData(width, height);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    pixels.data[to] = rgb[from] ?? 0;
    pixels.data[to + 1] = rgb[from + 1] ?? 0;
    pixels.data[to + 2] = rgb[from + 2] ?? 0;
    pixels.data[to + 3] = 255;
  }
  let source = new OffscreenCanvas(width, height);
  source.getContext('2d')?.putImageData(pixels, 0, 0);

  const scale = longSide / Math.max(width, height);
  const target = { width: Math.round(width * scale), height: Math.round(height * scale) };
  while (source.width * passFactor < target.width) {
    const next = new OffscreenCanvas(source.width * passFactor, source.height * passFactor);
    drawSmooth(next.getContext('2d'), source, next.width, next.height);
    source = next;
  }
  if (canvas.width !== target.width || canvas.height !== target.height) {
    canvas.width = target.width;
    canvas.height = target.height;
  }
  drawSmooth(canvas.getContext('2d'), source, target.width, target.height);
}

function drawSmooth(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null,
  source: OffscreenCanvas,
  width: number,
  height: number,
): void {
  if (!context) return;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, width, height);
}
