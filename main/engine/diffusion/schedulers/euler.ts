/** Euler's method along the probability-flow ODE. Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2 without churn. */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { originalFromSigma } from './prediction.ts';
import { at, combine, type SamplingPlan } from './scheduler.ts';
import { planSigmas } from './sigma-plan.ts';

export function planEuler(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
): SamplingPlan {
  const { sigmas, ...plan } = planSigmas(
    config,
    numInferenceSteps,
    schedule,
    config.final_sigmas_type,
  );
  return {
    ...plan,
    step(i, { latents }, modelOutput) {
      at(plan.timesteps, i);
      const sigma = at(sigmas, i);
      const original = originalFromSigma(config.prediction_type, sigma, latents, modelOutput);
      // x + (x − x0)/σ · (σ' − σ), gathered by x and x0.
      const ratio = at(sigmas, i + 1) / sigma;
      return { latents: combine(ratio, latents, 1 - ratio, original), previousOriginal: original };
    },
  };
}
