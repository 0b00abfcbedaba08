/** Of which order each step of DPM-Solver++ is. Source: Lu et al. 2022, arXiv:2211.01095, §4; warm-up and end as in diffusers. */
import type { SchedulerConfig } from './config.ts';
import { fewSteps } from './multistep-plan.ts';

/**
 * @param i the step, from 0
 * @param known estimates of earlier steps that are at hand
 */
export function solverOrder(
  config: SchedulerConfig,
  numInferenceSteps: number,
  maxOrder: number,
  i: number,
  known: number,
): number {
  const left = numInferenceSteps - i;
  const isShort = config.lower_order_final && numInferenceSteps < fewSteps;
  const endsInFirstOrder = config.final_sigmas_type === 'zero' || config.euler_at_final || isShort;
  if (left === 1 && endsInFirstOrder) return 1;
  if (left === 2 && isShort) return Math.min(maxOrder, 2, known + 1);
  return Math.min(maxOrder, known + 1);
}
