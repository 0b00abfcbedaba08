/** Heun's second-order method. Source: Karras et al. 2022, arXiv:2206.00364, algorithm 1. */
import { clipped, originalFromSigma } from './prediction.ts';
import { at, combine, type Evaluation, type PlanSampling } from './scheduler.ts';
import { planSigmas, scaleByVariance } from './sigma-plan.ts';

/** Between the two evaluations of a step its memory holds where it began and the slope there. */
export const planHeun: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const { sigmas, timesteps, initNoiseSigma } = planSigmas(
    config,
    numInferenceSteps,
    schedule,
    options,
  );
  const clipRange = (config.clip_sample ?? false) ? config.clip_sample_range : null;
  // Each step but the last is judged again where it led to.
  const evaluations = timesteps.flatMap((timestep, step): Evaluation[] => {
    const here = { timestep, signal: 1, noise: at(sigmas, step) };
    return step === 0
      ? [{ ...here, step }]
      : [
          { ...here, step: step - 1 },
          { ...here, step },
        ];
  });
  return {
    evaluations,
    initNoiseSigma,
    scaleInput: scaleByVariance(evaluations),
    step(i, { latents, memory }, modelOutput) {
      const { noise: sigma, step } = at(evaluations, i);
      const original = clipped(
        originalFromSigma(config.prediction_type, sigma, latents, modelOutput),
        clipRange,
      );
      const slope = combine(1 / sigma, latents, -1 / sigma, original);
      const span = at(sigmas, step + 1) - at(sigmas, step);
      const [start, firstSlope] = memory;
      if (!start || !firstSlope) {
        return {
          latents: combine(1, latents, span, slope),
          previousOriginal: original,
          memory: step === numInferenceSteps - 1 ? [] : [latents, slope],
        };
      }
      const meanSlope = combine(0.5, firstSlope, 0.5, slope);
      return {
        latents: combine(1, start, span, meanSlope),
        previousOriginal: original,
        memory: [],
      };
    },
  };
};
