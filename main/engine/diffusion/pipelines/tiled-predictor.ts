/**
 * The denoising model on overlapping tiles of large latents, at every step; where tiles meet, their
 * predictions are averaged, weighted down towards a tile's edges.
 * Source: Bar-Tal et al. 2023 (MultiDiffusion), arXiv:2302.08113, eq. 5
 */
import type { TiledDiffusion } from '../../../../contract/image-options.ts';
import { runInTiles, type Rectangle } from '../tiles.ts';
import type { Predict } from './predictor.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param size of the latents
 * @param create the model for latents of one size
 */
export function tilePredictions(
  size: Size,
  { sidePx, overlapPx }: TiledDiffusion,
  spatialFactor: number,
  signal: AbortSignal,
  create: (size: Size) => Predict,
): Predict {
  const side = Math.max(1, Math.round(sidePx / spatialFactor));
  if (size.width <= side && size.height <= side) return create(size);
  const predict = create({
    width: Math.min(side, size.width),
    height: Math.min(side, size.height),
  });
  return (latents, timestep, step) =>
    runInTiles(latents, size.width, size.height, {
      side,
      overlap: overlapPx / sidePx,
      signal,
      run: (part: Float32Array, _tile: Rectangle) => predict(part, timestep, step),
    });
}
