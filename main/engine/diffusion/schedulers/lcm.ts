/** Multistep sampling of latent consistency models. Source: Luo et al. 2023, arXiv:2310.04378, algorithm 3. */
import { evaluationsAt } from './discrete-plan.ts';
import { distilledTimesteps } from './distilled-timesteps.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { clipped, originalFromAlpha } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';

/** Standard deviation of the data in the boundary condition (appendix C of the paper). */
const sigmaData = 0.5;

/** The schedule of sigmas plays no part: the steps are those the model was distilled on. */
export const planLcm: PlanSampling = (config, numInferenceSteps) => {
  const timesteps = distilledTimesteps(config, numInferenceSteps, 'LCM');
  const alphasCumprod = alphasCumprodOf(config);
  const clipRange = (config.clip_sample ?? false) ? config.clip_sample_range : null;
  const last = numInferenceSteps - 1;

  return {
    evaluations: evaluationsAt(timesteps, alphasCumprod),
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
      const kept = { previousOriginal: denoised, memory: [] };
      if (i === last) return { ...kept, latents: denoised };
      const next = at(alphasCumprod, at(timesteps, i + 1));
      return {
        ...kept,
        latents: combine(Math.sqrt(next), denoised, Math.sqrt(1 - next), drawNoise()),
      };
    },
  };
};
