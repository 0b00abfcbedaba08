/** Multistep sampling of latent consistency models. Source: Luo et al. 2023, arXiv:2310.04378, algorithm 3. */
import { StudioError } from '../../../../contract/errors.ts';
import type { SchedulerConfig } from './config.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { clipped, originalFromAlpha } from './prediction.ts';
import { at, combine, type SamplingPlan } from './scheduler.ts';

/** Standard deviation of the data in the boundary condition (appendix C of the paper). */
const sigmaData = 0.5;

/** The schedule of sigmas plays no part: the steps are those the model was distilled on. */
export function planLcm(config: SchedulerConfig, numInferenceSteps: number): SamplingPlan {
  const trained = config.original_inference_steps;
  if (numInferenceSteps > trained) {
    throw new StudioError(
      'bad-request',
      `LCM can take at most ${trained} steps with this model. Lower the steps, or choose another sampler.`,
    );
  }
  const alphasCumprod = alphasCumprodOf(config);
  const clipRange = (config.clip_sample ?? false) ? config.clip_sample_range : null;
  const stride = Math.floor(config.num_train_timesteps / trained);
  const distilled = Array.from({ length: trained }, (_, i) => (i + 1) * stride - 1).reverse();
  const timesteps = Array.from({ length: numInferenceSteps }, (_, i) =>
    at(distilled, Math.floor((i * trained) / numInferenceSteps)),
  );
  const last = numInferenceSteps - 1;

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents }, modelOutput, drawNoise) {
      const timestep = at(timesteps, i);
      const alpha = at(alphasCumprod, timestep);
      const original = clipped(
        originalFromAlpha(
          config.prediction_type,
          Math.sqrt(alpha),
          Math.sqrt(1 - alpha),
          latents,
          modelOutput,
        ),
        clipRange,
      );
      const scaled = timestep * config.timestep_scaling;
      const skip = sigmaData ** 2 / (scaled ** 2 + sigmaData ** 2);
      const out = scaled / Math.sqrt(scaled ** 2 + sigmaData ** 2);
      const denoised = combine(out, original, skip, latents);
      if (i === last) return { latents: denoised, previousOriginal: denoised };
      const next = at(alphasCumprod, at(timesteps, i + 1));
      return {
        latents: combine(Math.sqrt(next), denoised, Math.sqrt(1 - next), drawNoise()),
        previousOriginal: denoised,
      };
    },
  };
}
