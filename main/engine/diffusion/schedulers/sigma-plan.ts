/** Noise levels, timesteps and input scaling of the methods that work in σ space (Euler and Euler ancestral). */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { at, type SamplingPlan } from './scheduler.ts';
import { karrasSigmas, sigmaAt, timestepOf, trainingSigmas } from './sigmas.ts';
import { spacedTimesteps } from './spacing.ts';

export interface SigmaPlan extends Pick<
  SamplingPlan,
  'timesteps' | 'initNoiseSigma' | 'scaleInput'
> {
  /** [steps + 1], falling; the last is where sampling ends. */
  readonly sigmas: readonly number[];
}

export function planSigmas(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  finalSigmasType: SchedulerConfig['final_sigmas_type'],
): SigmaPlan {
  const all = trainingSigmas(alphasCumprodOf(config));
  const spacing = config.timestep_spacing ?? 'linspace';
  const spaced = spacedTimesteps(config, numInferenceSteps, spacing, { rounded: false });
  const spacedSigmas = spaced.map((timestep) => sigmaAt(all, timestep));
  const levels =
    schedule === 'karras'
      ? karrasSigmas(
          at(spacedSigmas, spacedSigmas.length - 1),
          at(spacedSigmas, 0),
          numInferenceSteps,
        )
      : spacedSigmas;
  const timesteps = schedule === 'karras' ? levels.map((sigma) => timestepOf(sigma, all)) : spaced;
  const sigmas = [...levels, finalSigmasType === 'zero' ? 0 : at(all, 0)];
  const largest = Math.max(...sigmas);

  return {
    timesteps,
    sigmas,
    initNoiseSigma: spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest,
    scaleInput(i, latents) {
      const scale = 1 / Math.sqrt(at(sigmas, i) ** 2 + 1);
      return latents.map((value) => value * scale);
    },
  };
}
