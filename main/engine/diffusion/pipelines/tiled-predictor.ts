/**
 * The denoising model on overlapping tiles of large latents, at every step; where tiles meet, their
 * predictions are averaged, weighted down towards a tile's edges.
 * Source: Bar-Tal et al. 2023 (MultiDiffusion), arXiv:2302.08113, eq. 5
 */
import type { TiledDiffusion } from '../../../../contract/image-options.ts';
import type { EvaluationWatcher } from '../evaluation-watcher.ts';
import { runInTiles } from '../tiles.ts';
import type { Predict } from './predictor.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface TiledPredictions {
  /** Of the latents. */
  readonly size: Size;
  readonly spatialFactor: number;
  readonly signal: AbortSignal;
  readonly watcher: EvaluationWatcher | null;
  /** The model for latents of one size. */
  create(size: Size): Predict;
}

/** Latents of no more than one tile are looked at whole. */
export function tilePredictions(
  { sidePx, overlapPx }: TiledDiffusion,
  { size, spatialFactor, signal, watcher, create }: TiledPredictions,
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
      run(part, tile) {
        watcher?.onTile(tile, size);
        return predict(part, timestep, step);
      },
    });
}
