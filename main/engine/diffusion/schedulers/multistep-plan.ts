/** Noise levels of the multistep solvers that work in λ = ln(α/σ): DPM++ 2M and its kin, UniPC, DEIS. */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { alphasCumprodOf, linspace } from './noise-schedule.ts';
import type { SamplingOptions } from './options.ts';
import { at, type Evaluation, type SamplingPlan } from './scheduler.ts';
import { scheduledSigmas } from './sigma-schedules.ts';
import { sigmaAt, timestepOf, trainingSigmas } from './sigmas.ts';
import { roundHalfEven, trailingTimesteps } from './spacing.ts';

/** Below this many steps the last ones are of lower order even where sampling ends above σ = 0. */
export const fewSteps = 15;

export interface MultistepPlan extends Omit<SamplingPlan, 'step'> {
  /** [steps + 1]; the last is where sampling ends, perhaps at λ = ∞. */
  readonly levels: readonly Level[];
}

/** The variance-preserving view of a noise level: α² + σ² = 1, λ = ln(α/σ). */
export interface Level {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

/**
 * @param end where sampling ends, from the smallest level that the model was trained on and the last of the steps
 * @param cutsCosineTimesteps whether timesteps under the cosine schedule are cut off rather than rounded, as DPM-Solver++ has it
 */
export function planMultistep(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
  options: SamplingOptions,
  end: (trainedMin: number, lastStep: number) => number,
  { cutsCosineTimesteps }: { readonly cutsCosineTimesteps: boolean },
): MultistepPlan {
  const all = trainingSigmas(alphasCumprodOf(config));
  const range = { min: at(all, 0), max: at(all, all.length - 1) };
  const scheduled = scheduledSigmas(schedule, numInferenceSteps, range, all, options.family);
  const spaced = normalTimesteps(config, numInferenceSteps);
  const sigmas = scheduled ?? spaced.map((timestep) => sigmaAt(all, timestep));
  const cuts =
    schedule === 'exponential' ||
    schedule === 'beta' ||
    (cutsCosineTimesteps && config.beta_schedule === 'squaredcos_cap_v2');
  const whole = cuts ? Math.trunc : roundHalfEven;
  const timesteps = scheduled?.map((sigma) => whole(timestepOf(sigma, all))) ?? spaced;
  const last = end(range.min, at(sigmas, sigmas.length - 1));
  const levels = [...sigmas, last].map((sigma) => levelOf(Math.fround(sigma)));
  return {
    evaluations: timesteps.map((timestep, step): Evaluation => {
      const { alpha, sigma } = at(levels, step);
      return { timestep, step, signal: alpha, noise: sigma };
    }),
    levels,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
  };
}

function levelOf(sigma: number): Level {
  const alpha = 1 / Math.sqrt(sigma ** 2 + 1);
  return { alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) };
}

/** One more step than asked for is laid out and the lowest dropped: σ = 0 takes its place. */
function normalTimesteps(config: SchedulerConfig, count: number): number[] {
  const total = config.num_train_timesteps;
  const spacing = config.timestep_spacing ?? 'linspace';
  switch (spacing) {
    case 'linspace':
      return linspace(0, total - 1, count + 1)
        .map(roundHalfEven)
        .reverse()
        .slice(0, -1);
    case 'leading': {
      const ratio = Math.floor(total / (count + 1));
      return Array.from({ length: count + 1 }, (_, i) => i * ratio + config.steps_offset)
        .reverse()
        .slice(0, -1);
    }
    case 'trailing':
      return trailingTimesteps(total, count);
    default:
      return spacing satisfies never;
  }
}
