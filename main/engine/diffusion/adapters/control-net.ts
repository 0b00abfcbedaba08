/** One ControlNet in use, and what each kind of model does in its own way. */
import type { ControlUse } from '../../../../contract/image-options.ts';
import type { Session } from '../../session.ts';
import { cannyEdges } from '../pixels/canny.ts';
import { fitPicture } from '../pixels/fit-picture.ts';
import type { Picture } from '../pixels/picture.ts';
import type { Rectangle } from '../tiles.ts';
import type { Feeds } from './adapted-pool.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The part of the latents that is looked at, and the size of all; in latents. */
export interface View {
  readonly tile: Rectangle;
  readonly whole: Size;
}

/** The picture as a kind of ControlNet sees it, f32 [channels, height, width]; each size is made once. */
export type Condition = (size: Size) => Promise<Float32Array>;

export interface ControlInput {
  readonly session: Session;
  /** What the model is fed. */
  readonly feeds: Feeds;
  readonly view: View;
  /** f32 [3, height, width], 0 … 1, at a size in pixels. */
  readonly pixels: Condition;
  /** f32 [C, height, width], by the size of the picture in pixels. */
  readonly latents: Condition;
}

/** How a ControlNet of one kind is run. */
export interface ControlReader {
  feedsOf(input: ControlInput): Promise<Feeds>;
  /**
   * @param outputs of the ControlNet
   * @param residuals inputs of the model
   * @returns which output each input is made of; an input that is left out gets nothing. Null if they do not
   *   fit together
   */
  sources(
    outputs: readonly string[],
    residuals: readonly string[],
  ): ReadonlyMap<string, string> | null;
}

/** @returns makes each size once */
export function keepSizes(make: (size: Size) => Promise<Float32Array>): Condition {
  const made = new Map<string, Promise<Float32Array>>();
  return (size) => {
    const key = `${size.width}x${size.height}`;
    const known = made.get(key) ?? make(size);
    made.set(key, known);
    return known;
  };
}

/** @returns new f32 [3, height, width], 0 … 1 */
export async function preparePicture(
  picture: Picture,
  preprocessor: ControlUse['preprocessor'],
  { width, height }: Size,
): Promise<Float32Array> {
  const fitted = await fitPicture(picture, width, height, 'crop');
  const shown = preprocessor === 'canny' ? cannyEdges(fitted) : fitted;
  const area = width * height;
  const values = new Float32Array(3 * area);
  for (let pixel = 0; pixel < area; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1) {
      const level = (shown.rgb[pixel * 3 + channel] ?? 0) / 255;
      values[channel * area + pixel] = preprocessor === 'invert' ? 1 - level : level;
    }
  return values;
}

/** f32 [n, height, width] for every row of a batch. */
export function repeatRows(values: Float32Array, batch: number): Float32Array {
  const rows = new Float32Array(values.length * batch);
  for (let row = 0; row < batch; row += 1) rows.set(values, row * values.length);
  return rows;
}
