/** DDIM with η = 0. Source: Song et al. 2020, arXiv:2010.02502, eq. 12. */
import type { SigmaSchedule } from '../../../../contract/image-request.ts';
import type { SchedulerConfig } from './config.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { clipped, originalFromAlpha } from './prediction.ts';
import { at, combine, type SamplingPlan } from './scheduler.ts';
import { karrasSigmas, timestepOf, trainingSigmas } from './sigmas.ts';
import { roundHalfEven, spacedTimesteps } from './spacing.ts';

export function planDdim(
  config: SchedulerConfig,
  numInferenceSteps: number,
  schedule: SigmaSchedule,
): SamplingPlan {
  const alphasCumprod = alphasCumprodOf(config);
  const finalAlpha = config.set_alpha_to_one ? 1 : at(alphasCumprod, 0);
  const clipRange = (config.clip_sample ?? true) ? config.clip_sample_range : null;
  const timesteps =
    schedule === 'karras'
      ? karrasTimesteps(alphasCumprod, numInferenceSteps)
      : spacedTimesteps(config, numInferenceSteps, config.timestep_spacing ?? 'leading', {
          rounded: true,
        });
  const stride = Math.floor(config.num_train_timesteps / numInferenceSteps);

  /** Where step i leads to: one stride down, as in diffusers; along the Karras levels, the next of them. */
  function previousAlpha(i: number): number {
    const previous = schedule === 'karras' ? (timesteps[i + 1] ?? -1) : at(timesteps, i) - stride;
    return previous >= 0 ? at(alphasCumprod, previous) : finalAlpha;
  }

  return {
    timesteps,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents }, modelOutput) {
      const alpha = at(alphasCumprod, at(timesteps, i));
      const signal = Math.sqrt(alpha);
      const noise = Math.sqrt(1 - alpha);
      const unclipped = originalFromAlpha(
        config.prediction_type,
        signal,
        noise,
        latents,
        modelOutput,
      );
      const original = clipped(unclipped, clipRange);
      // The noise that the model saw belongs to its own estimate, not to the clipped one.
      const epsilon =
        config.prediction_type === 'epsilon'
          ? modelOutput
          : combine(1 / noise, latents, -signal / noise, unclipped);
      const next = previousAlpha(i);
      return {
        latents: combine(Math.sqrt(next), original, Math.sqrt(1 - next), epsilon),
        previousOriginal: original,
      };
    },
  };
}

function karrasTimesteps(alphasCumprod: Float64Array, count: number): number[] {
  const sigmas = trainingSigmas(alphasCumprod);
  const levels = karrasSigmas(at(sigmas, 0), at(sigmas, sigmas.length - 1), count);
  return levels.map((sigma) => roundHalfEven(timestepOf(sigma, sigmas)));
}
