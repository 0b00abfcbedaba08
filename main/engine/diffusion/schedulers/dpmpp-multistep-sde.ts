/**
 * What DPM++ 2M SDE and 3M SDE share. Every step draws fresh noise from the picture's generator;
 * steps cover disjoint stretches of the Brownian path, so independent normals have its law.
 */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { solverOrder } from './dpm-solver-order.ts';
import { planMultistep } from './multistep-plan.ts';
import type { SamplingOptions } from './options.ts';
import { originalFromAlpha } from './prediction.ts';
import { at, combine, type SamplingPlan } from './scheduler.ts';

/** Memory: the estimates of the last steps, newest first. */
export function planDpmppMultistepSde(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  options: SamplingOptions,
  maxOrder: 2 | 3,
): SamplingPlan {
  const { levels, ...plan } = planMultistep(
    config,
    numInferenceSteps,
    schedule,
    options,
    (trainedMin) => (config.final_sigmas_type === 'zero' ? 0 : trainedMin),
    { cutsCosineTimesteps: true },
  );
  return {
    ...plan,
    step(i, { latents, memory }, modelOutput, drawNoise) {
      at(plan.evaluations, i);
      const from = at(levels, i);
      const to = at(levels, i + 1);
      const original = originalFromAlpha(
        config.prediction_type,
        from.alpha,
        from.sigma,
        latents,
        modelOutput,
      );
      const h = to.lambda - from.lambda;
      const order = solverOrder(config, numInferenceSteps, maxOrder, i, memory.length);
      const gain = -to.alpha * Math.expm1(-2 * h);
      const decay = (to.sigma / from.sigma) * Math.exp(-h);
      let next = combine(decay, latents, gain, original);

      const [m1, m2] = memory;
      if (order >= 2 && m1) {
        const r0 = (from.lambda - at(levels, i - 1).lambda) / h;
        const slope = combine(1 / r0, original, -1 / r0, m1);
        if (order === 2 || !m2) next = combine(1, next, gain / 2, slope);
        else {
          const r1 = (at(levels, i - 1).lambda - at(levels, i - 2).lambda) / h;
          const earlier = combine(1 / r1, m1, -1 / r1, m2);
          const bend = combine(1 / (r0 + r1), slope, -1 / (r0 + r1), earlier);
          const first = combine(1, slope, r0, bend);
          const rest = -Math.expm1(-2 * h);
          const weight1 = to.alpha * (rest / (-2 * h) + 1);
          const weight2 = to.alpha * ((rest - 2 * h) / (2 * h) ** 2 - 0.5);
          next = combine(1, combine(1, next, weight1, first), weight2, bend);
        }
      }
      const spread = to.sigma * Math.sqrt(-Math.expm1(-2 * h));
      return {
        latents: combine(1, next, spread * options.sNoise, drawNoise()),
        previousOriginal: original,
        memory: [original, ...memory].slice(0, maxOrder - 1),
      };
    },
  };
}
