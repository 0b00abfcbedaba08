/** Euler's method along the probability-flow ODE. Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2, first order. */
import { originalFromSigma } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';
import { evaluationPerStep, planSigmas, scaleByVariance } from './sigma-plan.ts';

/** More noise than this at once leaves what the model was trained on. */
const maxChurn = Math.SQRT2 - 1;

export const planEuler: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const levels = planSigmas(config, numInferenceSteps, schedule, options, config.final_sigmas_type);
  const { sigmas, initNoiseSigma } = levels;
  const evaluations = evaluationPerStep(levels);
  const { sChurn, sTmin, sTmax, sNoise } = options;
  return {
    evaluations,
    initNoiseSigma,
    scaleInput: scaleByVariance(evaluations),
    step(i, { latents }, modelOutput, drawNoise) {
      at(evaluations, i);
      const sigma = at(sigmas, i);
      const isChurned = sChurn > 0 && sigma >= sTmin && sigma <= (sTmax ?? Infinity);
      const churned = isChurned
        ? sigma * (1 + Math.min(sChurn / numInferenceSteps, maxChurn))
        : sigma;
      const from = isChurned
        ? combine(1, latents, sNoise * Math.sqrt(churned ** 2 - sigma ** 2), drawNoise())
        : latents;
      const original = originalFromSigma(
        config.prediction_type,
        config.prediction_type === 'epsilon' ? churned : sigma,
        from,
        modelOutput,
      );
      // x + (x − x0)/σ · (σ' − σ), gathered by x and x0.
      const ratio = at(sigmas, i + 1) / churned;
      return {
        latents: combine(ratio, from, 1 - ratio, original),
        previousOriginal: original,
        memory: [],
      };
    },
  };
};
