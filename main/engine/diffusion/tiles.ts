/** Planar values worked on in overlapping tiles whose results are blended, so that no seam shows. */
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Share of a tile's side that overlaps its neighbour. */
const defaultOverlap = 0.25;
/** More overlap than this only costs time. */
const maxOverlap = 0.75;

export interface TileOptions {
  /** Side of a tile, cells. */
  readonly side: number;
  /** Share of a tile's side that overlaps its neighbour, 0 … 0.75. */
  readonly overlap?: number;
  /** Values per cell along one side, before and after. */
  readonly inScale?: number;
  readonly outScale?: number;
  readonly signal: AbortSignal;
  /**
   * @param part new f32 [C, height, width]
   * @param tile where it lies, in cells
   * @returns f32 [C', …] of the tile's cells at `outScale`
   */
  run(part: Float32Array, tile: Rectangle): Promise<Float32Array>;
}

/**
 * @param values f32 [C, height·inScale, width·inScale]; not modified
 * @param width cells
 * @param height cells
 * @returns new f32 [C', height·outScale, width·outScale]
 */
export async function runInTiles(
  values: Float32Array,
  width: number,
  height: number,
  { side, overlap = defaultOverlap, inScale = 1, outScale = 1, signal, run }: TileOptions,
): Promise<Float32Array> {
  const share = Math.min(overlap, maxOverlap);
  const outWidth = width * outScale;
  const area = outWidth * height * outScale;
  const weights = new Float32Array(area);
  let sums = new Float32Array();
  for (const top of tileStarts(height, side, share)) {
    for (const left of tileStarts(width, side, share)) {
      // A run blocks the thread: word of a cancellation comes in between.
      await nextTurn();
      signal.throwIfAborted();
      const tile = { left, top, width: Math.min(side, width), height: Math.min(side, height) };
      const part = cut(values, width * inScale, height * inScale, scaledRectangle(tile, inScale));
      const result = await run(part, tile);
      const place = scaledRectangle(tile, outScale);
      const channels = result.length / (place.width * place.height);
      if (sums.length === 0) sums = new Float32Array(channels * area);
      blend(sums, weights, result, outWidth, place, share);
    }
  }
  return sums.map((sum, index) => sum / (weights[index % area] ?? 1));
}

/** Evenly spread starts of overlapping tiles that cover `length`; the last ends exactly at its end. */
export function tileStarts(length: number, side: number, overlap = defaultOverlap): number[] {
  if (length <= side) return [0];
  const count = Math.ceil((length - side) / (side * (1 - overlap))) + 1;
  return Array.from({ length: count }, (_, index) =>
    Math.round((index * (length - side)) / (count - 1)),
  );
}

export function scaledRectangle(
  { left, top, width, height }: Rectangle,
  factor: number,
): Rectangle {
  return { left: left * factor, top: top * factor, width: width * factor, height: height * factor };
}

/** A rectangle of planar values [C,height,width], new. */
export function cut(
  values: Float32Array,
  width: number,
  height: number,
  tile: Rectangle,
): Float32Array {
  const channels = values.length / (width * height);
  const part = new Float32Array(channels * tile.width * tile.height);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let y = 0; y < tile.height; y += 1) {
      const from = (channel * height + tile.top + y) * width + tile.left;
      part.set(values.subarray(from, from + tile.width), (channel * tile.height + y) * tile.width);
    }
  }
  return part;
}

/** Adds a tile, weighted down towards its edges. */
function blend(
  sums: Float32Array,
  weights: Float32Array,
  tile: Float32Array,
  width: number,
  place: Rectangle,
  overlap: number,
): void {
  const area = weights.length;
  const tileArea = place.width * place.height;
  const channels = tile.length / tileArea;
  for (let y = 0; y < place.height; y += 1) {
    const vertical = ramp(y, place.height, overlap);
    for (let x = 0; x < place.width; x += 1) {
      const weight = vertical * ramp(x, place.width, overlap);
      const to = (place.top + y) * width + place.left + x;
      weights[to] = (weights[to] ?? 0) + weight;
      for (let channel = 0; channel < channels; channel += 1) {
        const index = channel * area + to;
        sums[index] =
          (sums[index] ?? 0) + weight * (tile[channel * tileArea + y * place.width + x] ?? 0);
      }
    }
  }
}

/** Rises from just above 0 at the tile's edge to 1 where the overlap ends. */
function ramp(position: number, length: number, overlap: number): number {
  const band = Math.max(1, length * overlap);
  return Math.min(1, (Math.min(position, length - 1 - position) + 0.5) / band);
}
