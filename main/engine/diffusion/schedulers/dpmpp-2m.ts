/** DPM-Solver++ (2M), midpoint form. Source: Lu et al. 2022, arXiv:2211.01095, algorithm 2. */
import { solverOrder } from './dpm-solver-order.ts';
import { planMultistep } from './multistep-plan.ts';
import { originalFromAlpha } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';

/** Memory: the estimate of the last step. */
export const planDpmpp2m: PlanSampling = (config, numInferenceSteps, schedule, options) => {
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
    step(i, { latents, memory: [previous] }, modelOutput) {
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
      const decay = to.sigma / from.sigma;
      const gain = -to.alpha * Math.expm1(-h);
      const kept = { previousOriginal: original, memory: [original] };
      const order = solverOrder(config, numInferenceSteps, 2, i, previous ? 1 : 0);
      if (!previous || order === 1)
        return { ...kept, latents: combine(decay, latents, gain, original) };
      // D0 + D1/2 with D1 = (m0 − m1) / r0, gathered by m0 and m1.
      const ratio = (from.lambda - at(levels, i - 1).lambda) / h;
      const extrapolated = combine(1 + 1 / (2 * ratio), original, -1 / (2 * ratio), previous);
      return { ...kept, latents: combine(decay, latents, gain, extrapolated) };
    },
  };
};
