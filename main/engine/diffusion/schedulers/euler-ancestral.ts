/** Euler's method with fresh noise after every step. Source: k-diffusion, `sample_euler_ancestral`. */
import { ancestralLevels } from './ancestral.ts';
import { originalFromSigma } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';
import { evaluationPerStep, planSigmas, scaleByVariance } from './sigma-plan.ts';

export const planEulerAncestral: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const levels = planSigmas(config, numInferenceSteps, schedule, options);
  const { sigmas, initNoiseSigma } = levels;
  const evaluations = evaluationPerStep(levels);
  return {
    evaluations,
    initNoiseSigma,
    scaleInput: scaleByVariance(evaluations),
    step(i, { latents }, modelOutput, drawNoise) {
      at(evaluations, i);
      const from = at(sigmas, i);
      const { down, up } = ancestralLevels(from, at(sigmas, i + 1), options.eta ?? 1);
      const original = originalFromSigma(config.prediction_type, from, latents, modelOutput);
      const ratio = down / from;
      const drifted = combine(ratio, latents, 1 - ratio, original);
      // Drawn even where it weighs nothing, so that the stream is the reference's.
      return {
        latents: combine(1, drifted, up * options.sNoise, drawNoise()),
        previousOriginal: original,
        memory: [],
      };
    },
  };
};
