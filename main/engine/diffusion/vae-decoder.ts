/** Latents to pixels, whole or in blended tiles. */
import type { Session } from '../session.ts';
import { inputSpec, realTensor, takeReal } from './graph-tensors.ts';

export interface DecodeOptions {
  readonly latentChannels: number;
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  readonly spatialFactor: number;
  readonly signal: AbortSignal;
  /** Pictures up to this many pixels are decoded in one piece. */
  readonly wholePixels?: number;
  /** Side of a tile, pixels. */
  readonly tilePixels?: number;
}

/** A decoder's memory grows with the area: about 8 kB per pixel for the autoencoder of SD 1. */
const defaultWholePixels = 768 * 768;
const defaultTilePixels = 512;
/** Share of a tile's side that overlaps its neighbour. */
const overlap = 0.25;

/**
 * @param latents f32 [C,height,width], as the UNet sees them; not modified
 * @returns new u8 [height·factor · width·factor · 3]
 */
export async function decodeLatents(
  session: Session,
  latents: Float32Array,
  width: number,
  height: number,
  options: DecodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const {
    spatialFactor,
    wholePixels = defaultWholePixels,
    tilePixels = defaultTilePixels,
    signal,
  } = options;
  const own = latents.map((value) => value / options.scalingFactor + options.shiftFactor);
  const decode = (part: Float32Array, partWidth: number, partHeight: number) =>
    runDecoder(session, part, partWidth, partHeight, options);
  if (width * height * spatialFactor ** 2 <= wholePixels)
    return toRgb(await decode(own, width, height));

  const side = Math.max(1, Math.round(tilePixels / spatialFactor));
  const pixels = { width: width * spatialFactor, height: height * spatialFactor };
  const sums = new Float32Array(3 * pixels.width * pixels.height);
  const weights = new Float32Array(pixels.width * pixels.height);
  for (const top of tileStarts(height, side)) {
    for (const left of tileStarts(width, side)) {
      signal.throwIfAborted();
      const tile = { left, top, width: Math.min(side, width), height: Math.min(side, height) };
      const decoded = await decode(cut(own, width, height, tile), tile.width, tile.height);
      blend(sums, weights, decoded, pixels.width, scaled(tile, spatialFactor));
    }
  }
  const area = weights.length;
  return toRgb(sums.map((sum, index) => sum / (weights[index % area] ?? 1)));
}

async function runDecoder(
  session: Session,
  latents: Float32Array,
  width: number,
  height: number,
  { latentChannels, spatialFactor, signal }: DecodeOptions,
): Promise<Float32Array> {
  const spec = inputSpec(session, 'latent_sample');
  const { sample } = await session.run(
    { latent_sample: realTensor(spec, latents, [1, latentChannels, height, width]) },
    { signal },
  );
  const { values } = await takeReal(sample, 'sample', [
    1,
    3,
    height * spatialFactor,
    width * spatialFactor,
  ]);
  return values;
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Evenly spread starts of overlapping tiles that cover `length`; the last ends exactly at its end. */
export function tileStarts(length: number, side: number): number[] {
  if (length <= side) return [0];
  const count = Math.ceil((length - side) / (side * (1 - overlap))) + 1;
  return Array.from({ length: count }, (_, index) =>
    Math.round((index * (length - side)) / (count - 1)),
  );
}

function scaled({ left, top, width, height }: Rectangle, factor: number): Rectangle {
  return { left: left * factor, top: top * factor, width: width * factor, height: height * factor };
}

/** A rectangle of planar values [C,height,width]. */
function cut(values: Float32Array, width: number, height: number, tile: Rectangle): Float32Array {
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

/** Adds a decoded tile, weighted down towards its edges. */
function blend(
  sums: Float32Array,
  weights: Float32Array,
  tile: Float32Array,
  width: number,
  place: Rectangle,
): void {
  const area = weights.length;
  const tileArea = place.width * place.height;
  for (let y = 0; y < place.height; y += 1) {
    const vertical = ramp(y, place.height);
    for (let x = 0; x < place.width; x += 1) {
      const weight = vertical * ramp(x, place.width);
      const to = (place.top + y) * width + place.left + x;
      weights[to] = (weights[to] ?? 0) + weight;
      for (let channel = 0; channel < 3; channel += 1) {
        const index = channel * area + to;
        sums[index] =
          (sums[index] ?? 0) + weight * (tile[channel * tileArea + y * place.width + x] ?? 0);
      }
    }
  }
}

/** Rises from just above 0 at the tile's edge to 1 where the overlap ends. */
function ramp(position: number, length: number): number {
  const band = Math.max(1, length * overlap);
  return Math.min(1, (Math.min(position, length - 1 - position) + 0.5) / band);
}

/** Planar −1 … 1 to interleaved 0 … 255. */
function toRgb(planar: Float32Array): Uint8Array<ArrayBuffer> {
  const area = planar.length / 3;
  const rgb = new Uint8Array(planar.length);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const value = ((planar[channel * area + pixel] ?? 0) / 2 + 0.5) * 255;
      rgb[pixel * 3 + channel] = Math.round(Math.min(Math.max(value, 0), 255));
    }
  }
  return rgb;
}
