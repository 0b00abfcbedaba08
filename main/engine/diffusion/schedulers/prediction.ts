/** From what a model predicts to the clean latents, in σ space. */
import { StudioError } from '../../../../contract/errors.ts';
import type { PredictionType, SchedulerConfig } from './config.ts';
import { combine } from './scheduler.ts';

/**
 * The estimate of the clean latents at noise level σ, latents = clean + σ · noise.
 * @returns new f32; or `modelOutput` itself if the model predicts the clean latents
 * Source: Salimans and Ho 2022, arXiv:2202.00512, §4, rewritten for σ
 */
export function originalFromSigma(
  type: PredictionType,
  sigma: number,
  latents: Float32Array,
  modelOutput: Float32Array,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return combine(1, latents, -sigma, modelOutput);
    case 'v_prediction':
      return combine(
        1 / (sigma ** 2 + 1),
        latents,
        -sigma / Math.sqrt(sigma ** 2 + 1),
        modelOutput,
      );
    case 'sample':
      return modelOutput;
    case 'flow_prediction':
      throw new StudioError('internal', 'A flow was given to a diffusion sampler.');
    default:
      return type satisfies never;
  }
}

/**
 * The estimate of the clean latents where latents = α · clean + σ · noise and α² + σ² = 1.
 * @returns new f32; or `modelOutput` itself if the model predicts the clean latents
 */
export function originalFromAlpha(
  type: PredictionType,
  alpha: number,
  sigma: number,
  latents: Float32Array,
  modelOutput: Float32Array,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return combine(1 / alpha, latents, -sigma / alpha, modelOutput);
    case 'v_prediction':
      return combine(alpha, latents, -sigma, modelOutput);
    case 'sample':
      return modelOutput;
    case 'flow_prediction':
      throw new StudioError('internal', 'A flow was given to a diffusion sampler.');
    default:
      return type satisfies never;
  }
}

/** @returns the values held within ±range, new; or the same array where the range is null */
export function clipped(values: Float32Array, range: number | null): Float32Array {
  return range === null ? values : values.map((value) => Math.min(Math.max(value, -range), range));
}

/** @throws {StudioError} `bad-request` for models that predict the clean latents, where a method is not defined for them */
export function refuseSample({ prediction_type }: SchedulerConfig, title: string): void {
  if (prediction_type !== 'sample') return;
  throw new StudioError(
    'bad-request',
    `${title} cannot be used with this model, which predicts the clean picture. Choose DDIM or DPM++ 2M.`,
  );
}

/** The noise in latents = α · clean + σ · noise, from an estimate of the clean latents. */
export function noiseFromOriginal(
  alpha: number,
  sigma: number,
  latents: Float32Array,
  original: Float32Array,
): Float32Array {
  return combine(1 / sigma, latents, -alpha / sigma, original);
}
