/** Heun's second-order method along a rectified flow. Source: Karras et al. 2022, arXiv:2206.00364, algorithm 1, for the ODE of Liu et al. 2022, arXiv:2209.03003. */
import { flowSigmas } from './flow-plan.ts';
import { at, combine, type Evaluation, type PlanSampling } from './scheduler.ts';

/** Between the two evaluations of a step its memory holds where it began and the velocity there. */
export const planFlowHeun: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const sigmas = flowSigmas(config, numInferenceSteps, schedule, options);
  const evaluations = sigmas.slice(0, -1).flatMap((sigma, step): Evaluation[] => {
    const here = {
      timestep: sigma * config.num_train_timesteps,
      signal: 1 - sigma,
      noise: sigma,
    };
    return step === 0
      ? [{ ...here, step }]
      : [
          { ...here, step: step - 1 },
          { ...here, step },
        ];
  });
  return {
    evaluations,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents, memory }, velocity) {
      const { noise: sigma, step } = at(evaluations, i);
      const span = at(sigmas, step + 1) - at(sigmas, step);
      const previousOriginal = combine(1, latents, -sigma, velocity);
      const [start, first] = memory;
      if (!start || !first) {
        return {
          latents: combine(1, latents, span, velocity),
          previousOriginal,
          memory: step === numInferenceSteps - 1 ? [] : [latents, velocity],
        };
      }
      const mean = combine(0.5, first, 0.5, velocity);
      return { latents: combine(1, start, span, mean), previousOriginal, memory: [] };
    },
  };
};
