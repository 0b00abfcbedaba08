/** DPM-Solver++ (3M) for the reverse SDE: estimates of three steps. Source: Lu et al. 2022, arXiv:2211.01095, extended as in diffusers' third order. */
import { planDpmppMultistepSde } from './dpmpp-multistep-sde.ts';
import type { PlanSampling } from './scheduler.ts';

export const planDpmpp3mSde: PlanSampling = (config, numInferenceSteps, schedule, options) =>
  planDpmppMultistepSde(config, numInferenceSteps, schedule, options, 3);
