/** Timesteps of the methods that go from one trained timestep to another: DDIM, DDPM. */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import type { SamplingOptions } from './options.ts';
import { at, type Evaluation } from './scheduler.ts';
import { scheduledSigmas } from './sigma-schedules.ts';
import { timestepOf, trainingSigmas } from './sigmas.ts';
import { roundHalfEven, spacedTimesteps } from './spacing.ts';

/** @returns [steps] whole timesteps, falling; steps that a schedule crowds together may repeat one */
export function planDiscrete(
  config: SchedulerConfig,
  alphasCumprod: Float64Array,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  options: SamplingOptions,
): number[] {
  const all = trainingSigmas(alphasCumprod);
  const range = { min: at(all, 0), max: at(all, all.length - 1) };
  const scheduled = scheduledSigmas(schedule, numInferenceSteps, range, all, options.family);
  return (
    scheduled?.map((sigma) => roundHalfEven(timestepOf(sigma, all))) ??
    spacedTimesteps(config, numInferenceSteps, config.timestep_spacing ?? 'leading', {
      rounded: true,
    })
  );
}

/** One evaluation a step, in the variance-preserving view. */
export function evaluationsAt(
  timesteps: readonly number[],
  alphasCumprod: Float64Array,
): Evaluation[] {
  return timesteps.map((timestep, step) => {
    const alpha = at(alphasCumprod, timestep);
    return { timestep, step, signal: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha) };
  });
}
