/** The schedulers by their names in the contract. */
import { StudioError } from '../../../../contract/errors.ts';
import type { SchedulerName, SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { planDdim } from './ddim.ts';
import { planDpmpp2m } from './dpmpp-2m.ts';
import { planEulerAncestral } from './euler-ancestral.ts';
import { planEuler } from './euler.ts';
import { planLcm } from './lcm.ts';
import type { PlanSampling, SamplingPlan } from './scheduler.ts';

const schedulers: Readonly<Record<SchedulerName, PlanSampling>> = {
  ddim: planDdim,
  euler: planEuler,
  'euler-ancestral': planEulerAncestral,
  'dpmpp-2m': planDpmpp2m,
  lcm: planLcm,
};

/**
 * Lays out the steps of a method. The class that the model's configuration names plays no part: the
 * request says which method to take, as diffusers' `from_config` of another class does.
 * @throws {StudioError} `bad-request` if the method or the model cannot take that many steps
 */
export function planSampling(
  name: SchedulerName,
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
): SamplingPlan {
  const trained = config.num_train_timesteps;
  // DPM++ lays out one more level than it takes steps.
  if (numInferenceSteps >= trained) {
    throw new StudioError(
      'bad-request',
      `This model was trained on ${trained} noise levels and can take at most ${trained - 1} steps. Lower the steps.`,
    );
  }
  return schedulers[name](config, numInferenceSteps, schedule);
}
