/** Euler's method with fresh noise after every step. Source: k-diffusion, `sample_euler_ancestral` (η = 1). */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { originalFromSigma } from './prediction.ts';
import { at, combine, type SamplingPlan } from './scheduler.ts';
import { planSigmas } from './sigma-plan.ts';

export function planEulerAncestral(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
): SamplingPlan {
  const { sigmas, ...plan } = planSigmas(config, numInferenceSteps, schedule, 'zero');
  return {
    ...plan,
    step(i, { latents }, modelOutput, drawNoise) {
      at(plan.timesteps, i);
      const from = at(sigmas, i);
      const to = at(sigmas, i + 1);
      const up = Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2);
      // Rounding may leave the difference of two huge squares just below 0.
      const down = Math.sqrt(Math.max(0, to ** 2 - up ** 2));
      const original = originalFromSigma(config.prediction_type, from, latents, modelOutput);
      const ratio = down / from;
      const drifted = combine(ratio, latents, 1 - ratio, original);
      // Drawn even where it weighs nothing, so that the stream is the reference's.
      return { latents: combine(1, drifted, up, drawNoise()), previousOriginal: original };
    },
  };
}
