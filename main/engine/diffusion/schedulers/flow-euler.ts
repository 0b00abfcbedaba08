/** Euler's method along a rectified flow. Source: Liu et al. 2022, arXiv:2209.03003, eq. 1. */
import { flowSigmas } from './flow-plan.ts';
import { at, combine, type Evaluation, type PlanSampling } from './scheduler.ts';

export const planFlowEuler: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const sigmas = flowSigmas(config, numInferenceSteps, schedule, options);
  const evaluations = sigmas.slice(0, -1).map((sigma, step): Evaluation => ({
    timestep: sigma * config.num_train_timesteps,
    step,
    signal: 1 - sigma,
    noise: sigma,
  }));
  return {
    evaluations,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents }, velocity) {
      const sigma = at(evaluations, i).noise;
      return {
        latents: combine(1, latents, at(sigmas, i + 1) - sigma, velocity),
        previousOriginal: combine(1, latents, -sigma, velocity),
        memory: [],
      };
    },
  };
};
