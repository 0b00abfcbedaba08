/**
 * Noise levels of rectified flows: latents = (1 − σ) · clean + σ · noise, σ from 1 down to 0.
 * Source: Esser et al. 2024, arXiv:2403.03206, §5.3.2 (shift), with its dynamic form as Flux has it.
 */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { linspace } from './noise-schedule.ts';
import type { SamplingOptions } from './options.ts';
import { at } from './scheduler.ts';
import { scheduledSigmas } from './sigma-schedules.ts';

/** @returns [steps + 1], falling; the last is 0 */
export function flowSigmas(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  options: SamplingOptions,
): number[] {
  const { num_train_timesteps: trained, shift, use_dynamic_shifting: isDynamic } = config;
  const shiftBy = (factor: number) => (sigma: number) =>
    (factor * sigma) / (1 + (factor - 1) * sigma);
  const smallest = isDynamic ? 1 / trained : shiftBy(shift)(1 / trained);
  const even = options.endsAtOneStep
    ? linspace(1, 1 / numInferenceSteps, numInferenceSteps)
    : linspace(1, smallest, numInferenceSteps);
  const shifted = even.map(
    isDynamic ? shiftBy(Math.exp(dynamicShift(config, options))) : shiftBy(shift),
  );
  const stretched = config.shift_terminal ? stretchedTo(shifted, config.shift_terminal) : shifted;
  const range = { max: at(stretched, 0), min: at(stretched, stretched.length - 1) };
  // The other schedules stand for levels of a diffusion, which a flow does not have.
  const isSpread = schedule === 'karras' || schedule === 'exponential' || schedule === 'beta';
  const spread = isSpread
    ? scheduledSigmas(schedule, numInferenceSteps, range, new Float64Array(0), options.family)
    : null;
  return [...(spread ?? stretched), 0].map(Math.fround);
}

/** μ, linear in the number of the picture's patches. */
function dynamicShift(config: SchedulerConfig, { imageTokens }: SamplingOptions): number {
  const slope =
    (config.max_shift - config.base_shift) / (config.max_image_seq_len - config.base_image_seq_len);
  return config.base_shift + slope * (imageTokens - config.base_image_seq_len);
}

/** Stretches 1 − σ so that the last level is `terminal`. */
function stretchedTo(sigmas: readonly number[], terminal: number): number[] {
  const factor = (1 - at(sigmas, sigmas.length - 1)) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / factor);
}
