/**
 * Pseudo linear multistep. Source: Liu et al. 2022, arXiv:2202.09778, eqs. 9 and 12, warmed up by
 * one step of second order rather than by Runge-Kutta, as Stable Diffusion does it
 * (`skip_prk_steps`); begun in the middle, it rises in order from the first on. The schedule plays no part: its transfer is made for even strides.
 */
import { alphasCumprodOf } from './noise-schedule.ts';
import { originalFromAlpha, refuseSample } from './prediction.ts';
import { smallestAlpha } from './sigmas.ts';
import { at, combine, type Evaluation, type PlanSampling } from './scheduler.ts';
import { spacedTimesteps } from './spacing.ts';

/** Weights of the model outputs, newest first, by how many there are. */
const adams = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
] as const;

/** Memory: model outputs, newest first; after the first evaluation also the latents it began with, last. */
export const planPndm: PlanSampling = (config, numInferenceSteps) => {
  refuseSample(config, 'PNDM');
  // Its transfer divides by ᾱ, which is 0 where the signal-to-noise ratio ends at 0.
  const alphasCumprod = alphasCumprodOf(config).map((alpha) => alpha || smallestAlpha);
  const finalAlpha = (config.set_alpha_to_one ?? false) ? 1 : at(alphasCumprod, 0);
  const spacing = config.timestep_spacing ?? 'leading';
  const timesteps = spacedTimesteps(config, numInferenceSteps, spacing, { rounded: true });
  const stride = Math.floor(config.num_train_timesteps / numInferenceSteps);
  const evaluations = timesteps.flatMap((timestep, step): Evaluation[] => {
    const alpha = at(alphasCumprod, timestep);
    const here = { timestep, signal: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha) };
    // The first step is judged again where it led to.
    return step === 1
      ? [
          { ...here, step: 0 },
          { ...here, step },
        ]
      : [{ ...here, step }];
  });

  return {
    evaluations,
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents, memory }, modelOutput) {
      const { timestep, signal, noise } = at(evaluations, i);
      const previousOriginal = originalFromAlpha(
        config.prediction_type,
        signal,
        noise,
        latents,
        modelOutput,
      );
      const [first, start] = memory;
      if (i === 1 && first && start) {
        const mean = combine(0.5, modelOutput, 0.5, first);
        return {
          latents: transfer(start, mean, timestep + stride, timestep),
          previousOriginal,
          memory: [first],
        };
      }
      const outputs = [modelOutput, ...memory].slice(0, adams.length);
      const weights: readonly number[] = at(adams, outputs.length - 1);
      const slope = outputs.reduce(
        (sum, output, back) => combine(1, sum, weights[back] ?? 0, output),
        new Float32Array(latents.length),
      );
      const isWarmUp = i === 0 && numInferenceSteps > 1;
      return {
        latents: transfer(latents, slope, timestep, timestep - stride),
        previousOriginal,
        memory: isWarmUp ? [modelOutput, latents] : outputs.slice(0, adams.length - 1),
      };
    },
  };

  /** φ of eq. 9. */
  function transfer(
    latents: Float32Array,
    modelOutput: Float32Array,
    from: number,
    to: number,
  ): Float32Array {
    const alpha = at(alphasCumprod, Math.min(from, alphasCumprod.length - 1));
    const alphaTo = to >= 0 ? at(alphasCumprod, to) : finalAlpha;
    const noise =
      config.prediction_type === 'v_prediction'
        ? combine(Math.sqrt(alpha), modelOutput, Math.sqrt(1 - alpha), latents)
        : modelOutput;
    const denominator = alpha * Math.sqrt(1 - alphaTo) + Math.sqrt(alpha * (1 - alpha) * alphaTo);
    return combine(Math.sqrt(alphaTo / alpha), latents, -(alphaTo - alpha) / denominator, noise);
  }
};
