/** Latents to pixels, whole or in blended tiles. */
import type { Session } from '../session.ts';
import { inputSpec, realTensor, takeReal } from './graph-tensors.ts';
import { fromPlanar } from './pixels/picture.ts';
import { runInTiles } from './tiles.ts';

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
  const area = width * height * spatialFactor ** 2;
  if (area <= wholePixels)
    return fromPlanar(await runDecoder(session, own, width, height, options));
  const decoded = await runInTiles(own, width, height, {
    side: Math.max(1, Math.round(tilePixels / spatialFactor)),
    outScale: spatialFactor,
    signal,
    run: (part, tile) => runDecoder(session, part, tile.width, tile.height, options),
  });
  return fromPlanar(decoded);
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
