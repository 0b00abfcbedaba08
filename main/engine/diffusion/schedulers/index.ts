/** The schedulers by their names in the contract. */
import type { SchedulerName } from '../../../../contract/image-request.ts';
import { planDdim } from './ddim.ts';
import { planDpmpp2m } from './dpmpp-2m.ts';
import { planEulerAncestral } from './euler-ancestral.ts';
import { planEuler } from './euler.ts';
import { planLcm } from './lcm.ts';
import type { PlanSampling } from './scheduler.ts';

export const schedulers: Readonly<Record<SchedulerName, PlanSampling>> = {
  ddim: planDdim,
  euler: planEuler,
  'euler-ancestral': planEulerAncestral,
  'dpmpp-2m': planDpmpp2m,
  lcm: planLcm,
};
