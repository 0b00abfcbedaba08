/** Pixels to put pictures and labels on: light letters on a dark ground. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Label } from './label.ts';

const ground = 22;
const ink = 237;

export interface Canvas {
  /** RGB bytes, row by row. */
  readonly rgb: Uint8Array;
  /** What lies beyond the edges is left out. */
  putRgb(
    picture: { readonly rgb: Uint8Array; readonly width: number; readonly height: number },
    x: number,
    y: number,
  ): void;
  putLabel(label: Label, x: number, y: number): void;
}

/** Touching all memory of a large sheet at once would hold up everything else that the host does. */
const filledAtOnceBytes = 4_000_000;

export async function createCanvas(width: number, height: number): Promise<Canvas> {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0; from < rgb.length; from += filledAtOnceBytes) {
    rgb.fill(ground, from, from + filledAtOnceBytes);
    await nextTurn();
  }
  return {
    rgb,
    putRgb(picture, x, y) {
      const shown = Math.min(picture.width, width - x);
      for (let row = 0; row < Math.min(picture.height, height - y); row += 1) {
        const from = row * picture.width * 3;
        rgb.set(picture.rgb.subarray(from, from + shown * 3), ((y + row) * width + x) * 3);
      }
    },
    putLabel(label, x, y) {
      for (let row = 0; row < label.height; row += 1) {
        for (let column = 0; column < label.width; column += 1) {
          if (x + column < 0 || x + column >= width || y + row < 0 || y + row >= height) continue;
          const coverage = (label.alpha[row * label.width + column] ?? 0) / 255;
          const grey = Math.round(ground + (ink - ground) * coverage);
          rgb.fill(
            grey,
            ((y + row) * width + x + column) * 3,
            ((y + row) * width + x + column) * 3 + 3,
          );
        }
      }
    },
  };
}
