/** The schedulers by their names in the contract. */
import { StudioError } from '../../../../contract/errors.ts';
import type { SchedulerName, SigmaSchedule } from '../../../../contract/image-request.ts';
import { flowSchedulerNames, schedulerTitle } from '../../../../contract/scheduler-names.ts';
import type { SchedulerConfig } from './config.ts';
import { planDdim } from './ddim.ts';
import { planDdpm } from './ddpm.ts';
import { planDeis } from './deis.ts';
import { planDpm2Ancestral } from './dpm2-ancestral.ts';
import { planDpm2 } from './dpm2.ts';
import { planDpmpp2mSde } from './dpmpp-2m-sde.ts';
import { planDpmpp2m } from './dpmpp-2m.ts';
import { planDpmpp3mSde } from './dpmpp-3m-sde.ts';
import { planDpmppSde } from './dpmpp-sde.ts';
import { planEulerAncestral } from './euler-ancestral.ts';
import { planEuler } from './euler.ts';
import { planFlowEuler } from './flow-euler.ts';
import { planFlowHeun } from './flow-heun.ts';
import { planHeun } from './heun.ts';
import { planLcm } from './lcm.ts';
import { planLms } from './lms.ts';
import { defaultSamplingOptions, type SamplingOptions } from './options.ts';
import { planPndm } from './pndm.ts';
import type { PlanSampling, SamplingPlan } from './scheduler.ts';
import { planTcd } from './tcd.ts';
import { planUniPc } from './unipc.ts';

const schedulers: Readonly<Record<SchedulerName, PlanSampling>> = {
  'dpmpp-2m': planDpmpp2m,
  'dpmpp-2m-sde': planDpmpp2mSde,
  'dpmpp-3m-sde': planDpmpp3mSde,
  'dpmpp-sde': planDpmppSde,
  unipc: planUniPc,
  deis: planDeis,
  euler: planEuler,
  'euler-ancestral': planEulerAncestral,
  heun: planHeun,
  dpm2: planDpm2,
  'dpm2-ancestral': planDpm2Ancestral,
  lms: planLms,
  ddim: planDdim,
  ddpm: planDdpm,
  pndm: planPndm,
  lcm: planLcm,
  tcd: planTcd,
  'flow-euler': planFlowEuler,
  'flow-heun': planFlowHeun,
};

/**
 * Lays out the steps of a method. The class that the model's configuration names plays no part: the
 * request says which method to take, as diffusers' `from_config` of another class does.
 * @throws {StudioError} `bad-request` if the method or the model cannot take that many steps, or the
 *   method is for flows and the model is not, or the other way round
 */
export function planSampling(
  name: SchedulerName,
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  options: SamplingOptions = defaultSamplingOptions,
): SamplingPlan {
  const trained = config.num_train_timesteps;
  // DPM++ lays out one more level than it takes steps.
  if (numInferenceSteps >= trained) {
    throw new StudioError(
      'bad-request',
      `This model was trained on ${trained} noise levels and can take at most ${trained - 1} steps. Lower the steps.`,
    );
  }
  const isFlow = config.prediction_type === 'flow_prediction';
  const isFlowMethod = flowSchedulerNames.some((own) => own === name);
  if (isFlow !== isFlowMethod) {
    throw new StudioError(
      'bad-request',
      isFlow
        ? `${schedulerTitle(name)} is made for diffusion, and this model is a rectified flow. Choose Flow Euler or Flow Heun.`
        : `${schedulerTitle(name)} is made for rectified flows, and this model is a diffusion. Choose another sampler, such as DPM++ 2M.`,
    );
  }
  return schedulers[name](config, numInferenceSteps, schedule, options);
}
