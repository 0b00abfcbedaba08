/** DPM-Solver++ (2M), midpoint form. Source: Lu et al. 2022, arXiv:2211.01095, algorithm 2. */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { alphasCumprodOf, linspace } from './noise-schedule.ts';
import { originalFromAlpha } from './prediction.ts';
import { at, combine, type SamplingPlan } from './scheduler.ts';
import { karrasSigmas, sigmaAt, timestepOf, trainingSigmas } from './sigmas.ts';
import { roundHalfEven, trailingTimesteps } from './spacing.ts';

/** Below this many steps the last one is of first order even where sampling ends above σ = 0. */
const fewSteps = 15;

export function planDpmpp2m(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
): SamplingPlan {
  const all = trainingSigmas(alphasCumprodOf(config));
  const { timesteps, levels } =
    schedule === 'karras'
      ? karrasPlan(config, all, numInferenceSteps)
      : normalPlan(config, all, numInferenceSteps);
  const sigmas = [...levels, config.final_sigmas_type === 'zero' ? 0 : at(all, 0)];
  const last = numInferenceSteps - 1;
  const firstOrderAtEnd =
    config.final_sigmas_type === 'zero' ||
    config.euler_at_final ||
    (config.lower_order_final && numInferenceSteps < fewSteps);

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents, previousOriginal }, modelOutput) {
      at(timesteps, i);
      const from = levelOf(at(sigmas, i));
      const to = levelOf(at(sigmas, i + 1));
      const original = originalFromAlpha(
        config.prediction_type,
        from.alpha,
        from.sigma,
        latents,
        modelOutput,
      );
      const h = to.lambda - from.lambda;
      const decay = to.sigma / from.sigma;
      const gain = -to.alpha * Math.expm1(-h);
      if (previousOriginal === null || (i === last && firstOrderAtEnd)) {
        return { latents: combine(decay, latents, gain, original), previousOriginal: original };
      }
      // D0 + D1/2 with D1 = (m0 − m1) / r0, gathered by m0 and m1.
      const ratio = (from.lambda - levelOf(at(sigmas, i - 1)).lambda) / h;
      const extrapolated = combine(
        1 + 1 / (2 * ratio),
        original,
        -1 / (2 * ratio),
        previousOriginal,
      );
      return { latents: combine(decay, latents, gain, extrapolated), previousOriginal: original };
    },
  };
}

/** The variance-preserving view of a noise level: α² + σ² = 1, λ = ln(α/σ). */
function levelOf(sigma: number) {
  const alpha = 1 / Math.sqrt(sigma ** 2 + 1);
  return { alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) };
}

interface Levels {
  readonly timesteps: readonly number[];
  readonly levels: readonly number[];
}

function karrasPlan(config: SchedulerConfig, all: Float64Array, count: number): Levels {
  const levels = karrasSigmas(at(all, 0), at(all, all.length - 1), count);
  const timesteps = levels.map((sigma) => timestepOf(sigma, all));
  // diffusers rounds, except that it cuts off under the cosine schedule.
  return {
    levels,
    timesteps: timesteps.map(
      config.beta_schedule === 'squaredcos_cap_v2' ? Math.trunc : roundHalfEven,
    ),
  };
}

function normalPlan(config: SchedulerConfig, all: Float64Array, count: number): Levels {
  const timesteps = normalTimesteps(config, count);
  return { timesteps, levels: timesteps.map((timestep) => sigmaAt(all, timestep)) };
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
