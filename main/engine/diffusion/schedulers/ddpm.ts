/** Ancestral sampling with the posterior's own variance. Source: Ho et al. 2020, arXiv:2006.11239, eqs. 6 and 7. */
import { evaluationsAt, planDiscrete } from './discrete-plan.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { clipped, originalFromAlpha } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';

export const planDdpm: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const alphasCumprod = alphasCumprodOf(config);
  const clipRange = (config.clip_sample ?? true) ? config.clip_sample_range : null;
  const timesteps = planDiscrete(config, alphasCumprod, numInferenceSteps, schedule, options);
  const evaluations = evaluationsAt(timesteps, alphasCumprod);
  return {
    evaluations,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents }, modelOutput, drawNoise) {
      const timestep = at(timesteps, i);
      const alpha = at(alphasCumprod, timestep);
      const next = timesteps[i + 1];
      const alphaNext = next === undefined ? 1 : at(alphasCumprod, next);
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
      const beta = 1 - alpha / alphaNext;
      const mean = combine(
        (Math.sqrt(alphaNext) * beta) / (1 - alpha),
        original,
        (Math.sqrt(alpha / alphaNext) * (1 - alphaNext)) / (1 - alpha),
        latents,
      );
      if (timestep === 0) return { latents: mean, previousOriginal: original, memory: [] };
      const variance = Math.max(((1 - alphaNext) / (1 - alpha)) * beta, 1e-20);
      return {
        latents: combine(1, mean, Math.sqrt(variance), drawNoise()),
        previousOriginal: original,
        memory: [],
      };
    },
  };
};
