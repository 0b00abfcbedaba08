/** DDIM. Source: Song et al. 2020, arXiv:2010.02502, eq. 12; η = 0 unless asked for. */
import { evaluationsAt, planDiscrete } from './discrete-plan.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { clipped, noiseFromOriginal, originalFromAlpha } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';

export const planDdim: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const alphasCumprod = alphasCumprodOf(config);
  const finalAlpha = (config.set_alpha_to_one ?? true) ? 1 : at(alphasCumprod, 0);
  const clipRange = (config.clip_sample ?? true) ? config.clip_sample_range : null;
  const timesteps = planDiscrete(config, alphasCumprod, numInferenceSteps, schedule, options);
  const evaluations = evaluationsAt(timesteps, alphasCumprod);
  const stride = Math.floor(config.num_train_timesteps / numInferenceSteps);
  const eta = options.eta ?? 0;

  /** Where step i leads to: one stride down, as in diffusers; along another schedule, its next level. */
  function previousAlpha(i: number): number {
    const previous = schedule === 'normal' ? at(timesteps, i) - stride : (timesteps[i + 1] ?? -1);
    return previous >= 0 ? at(alphasCumprod, previous) : finalAlpha;
  }

  return {
    evaluations,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents }, modelOutput, drawNoise) {
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
          : noiseFromOriginal(signal, noise, latents, unclipped);
      const next = previousAlpha(i);
      const variance = ((1 - next) / (1 - alpha)) * (1 - alpha / next);
      const spread = eta * Math.sqrt(Math.max(0, variance));
      const direction = Math.sqrt(Math.max(0, 1 - next - spread ** 2));
      const drifted = combine(Math.sqrt(next), original, direction, epsilon);
      return {
        latents: eta > 0 ? combine(1, drifted, spread, drawNoise()) : drifted,
        previousOriginal: original,
        memory: [],
      };
    },
  };
};
