/** DPM-Solver++ (2M) for the reverse SDE. Source: Lu et al. 2022, arXiv:2211.01095, eq. 17, midpoint form. */
import { planDpmppMultistepSde } from './dpmpp-multistep-sde.ts';
import type { PlanSampling } from './scheduler.ts';

export const planDpmpp2mSde: PlanSampling = (config, numInferenceSteps, schedule, options) =>
  planDpmppMultistepSde(config, numInferenceSteps, schedule, options, 2);
