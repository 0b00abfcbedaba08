/** Noise levels, timesteps and input scaling of the methods that work in σ space. */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import type { SamplingOptions } from './options.ts';
import { at, type Evaluation } from './scheduler.ts';
import { scheduledSigmas } from './sigma-schedules.ts';
import { sigmaAt, timestepOf, trainingSigmas } from './sigmas.ts';
import { spacedTimesteps } from './spacing.ts';

export interface SigmaPlan {
  /** [steps] */
  readonly timesteps: readonly number[];
  /** [steps + 1], falling; the last is where sampling ends. */
  readonly sigmas: readonly number[];
  readonly initNoiseSigma: number;
  /** The fractional timestep of a noise level between two steps. */
  timestepAt(sigma: number): number;
}

export function planSigmas(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  options: SamplingOptions,
  finalSigmasType: SchedulerConfig['final_sigmas_type'] = 'zero',
): SigmaPlan {
  const all = trainingSigmas(alphasCumprodOf(config));
  const spacing = config.timestep_spacing ?? 'linspace';
  const spaced = spacedTimesteps(config, numInferenceSteps, spacing, { rounded: false });
  const spacedSigmas = spaced.map((timestep) => sigmaAt(all, timestep));
  const range = { max: at(spacedSigmas, 0), min: at(spacedSigmas, spacedSigmas.length - 1) };
  const scheduled = scheduledSigmas(schedule, numInferenceSteps, range, all, options.family);
  const levels = scheduled ?? spacedSigmas;
  const sigmas = [...levels, finalSigmasType === 'zero' ? 0 : at(all, 0)].map(Math.fround);
  const largest = Math.max(...sigmas);
  return {
    timesteps: scheduled ? scheduled.map((sigma) => timestepOf(sigma, all)) : spaced,
    sigmas,
    initNoiseSigma: spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest,
    timestepAt: (sigma) => timestepOf(sigma, all),
  };
}

/** One evaluation a step, at the noise level where the step begins. */
export function evaluationPerStep({
  timesteps,
  sigmas,
}: Pick<SigmaPlan, 'timesteps' | 'sigmas'>): Evaluation[] {
  return timesteps.map((timestep, step) => ({
    timestep,
    step,
    signal: 1,
    noise: at(sigmas, step),
  }));
}

/** Latents of variance σ² + 1 to variance 1, at the noise level of each evaluation. */
export function scaleByVariance(
  evaluations: readonly Evaluation[],
): (i: number, latents: Float32Array) => Float32Array {
  return (i, latents) => {
    const scale = 1 / Math.sqrt(at(evaluations, i).noise ** 2 + 1);
    return latents.map((value) => value * scale);
  };
}
