/** Trajectory consistency sampling: towards a level below the next one, then noise back up to it. Source: Zheng et al. 2024, arXiv:2402.19159, algorithm 4. */
import { evaluationsAt } from './discrete-plan.ts';
import { distilledTimesteps } from './distilled-timesteps.ts';
import { alphasCumprodOf } from './noise-schedule.ts';
import { noiseFromOriginal, originalFromAlpha } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';

/** γ of the paper: 0 is deterministic, 1 goes all the way down as LCM does. */
const defaultGamma = 0.3;

/** The schedule of sigmas plays no part: the steps are those the model was distilled on. */
export const planTcd: PlanSampling = (config, numInferenceSteps, _schedule, options) => {
  const timesteps = distilledTimesteps(config, numInferenceSteps, 'TCD');
  const alphasCumprod = alphasCumprodOf(config);
  const gamma = Math.min(options.eta ?? defaultGamma, 1);
  return {
    evaluations: evaluationsAt(timesteps, alphasCumprod),
    initNoiseSigma: 1,
    scaleInput: (_i, latents) => latents,
    step(i, { latents }, modelOutput, drawNoise) {
      const alpha = at(alphasCumprod, at(timesteps, i));
      const next = timesteps[i + 1] ?? 0;
      const alphaNext = at(alphasCumprod, next);
      const alphaLow = at(alphasCumprod, Math.floor((1 - gamma) * next));
      const signal = Math.sqrt(alpha);
      const spread = Math.sqrt(1 - alpha);
      const original = originalFromAlpha(
        config.prediction_type,
        signal,
        spread,
        latents,
        modelOutput,
      );
      const noise = noiseFromOriginal(signal, spread, latents, original);
      const low = combine(Math.sqrt(alphaLow), original, Math.sqrt(1 - alphaLow), noise);
      const kept = { previousOriginal: original, memory: [] };
      if (gamma === 0 || i === numInferenceSteps - 1) return { ...kept, latents: low };
      const share = alphaNext / alphaLow;
      return {
        ...kept,
        latents: combine(Math.sqrt(share), low, Math.sqrt(1 - share), drawNoise()),
      };
    },
  };
};
