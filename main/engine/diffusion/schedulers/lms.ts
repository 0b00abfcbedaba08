/**
 * Linear multistep: the slopes of up to four steps, as a polynomial over σ, integrated exactly.
 * Source: Adams and Bashforth's method over uneven steps; as in k-diffusion, `sample_lms`.
 */
import { originalFromSigma } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';
import { evaluationPerStep, planSigmas, scaleByVariance } from './sigma-plan.ts';

const maxOrder = 4;

/** Memory: slopes of the last steps, newest first. */
export const planLms: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const levels = planSigmas(config, numInferenceSteps, schedule, options);
  const { sigmas, initNoiseSigma } = levels;
  const evaluations = evaluationPerStep(levels);
  return {
    evaluations,
    initNoiseSigma,
    scaleInput: scaleByVariance(evaluations),
    step(i, { latents, memory }, modelOutput) {
      at(evaluations, i);
      const sigma = at(sigmas, i);
      const original = originalFromSigma(config.prediction_type, sigma, latents, modelOutput);
      const slope = combine(1 / sigma, latents, -1 / sigma, original);
      const slopes = [slope, ...memory].slice(0, maxOrder);
      const nodes = slopes.map((_, back) => at(sigmas, i - back));
      const next = slopes.reduce(
        (sum, own, back) =>
          combine(1, sum, basisIntegral(nodes, back, sigma, at(sigmas, i + 1)), own),
        latents,
      );
      return { latents: next, previousOriginal: original, memory: slopes.slice(0, maxOrder - 1) };
    },
  };
};

/** ∫ of the Lagrange polynomial that is 1 at nodes[k] and 0 at the others; cubic at most, so two Gauss points are exact. */
function basisIntegral(nodes: readonly number[], k: number, from: number, to: number): number {
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  const offset = half / Math.sqrt(3);
  return half * (basis(nodes, k, middle - offset) + basis(nodes, k, middle + offset));
}

function basis(nodes: readonly number[], k: number, x: number): number {
  const own = at(nodes, k);
  return nodes.reduce(
    (product, node, index) => (index === k ? product : (product * (x - node)) / (own - node)),
    1,
  );
}
