/** DPM-Solver-2 with fresh noise after every step. Source: k-diffusion, `sample_dpm_2_ancestral`. */
import { ancestralLevels } from './ancestral.ts';
import { originalFromSigma, refuseSample } from './prediction.ts';
import { at, combine, type Evaluation, type PlanSampling } from './scheduler.ts';
import { planSigmas, scaleByVariance } from './sigma-plan.ts';
import { roundHalfEven } from './spacing.ts';

/** Between the two evaluations of a step its memory holds where it began. */
export const planDpm2Ancestral: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  refuseSample(config, 'DPM2 a');
  const { sigmas, timesteps, initNoiseSigma, timestepAt } = planSigmas(
    config,
    numInferenceSteps,
    schedule,
    options,
  );
  const whole = schedule === 'karras' ? timesteps.map(roundHalfEven) : timesteps;
  const levels = whole.map((_, step) =>
    ancestralLevels(at(sigmas, step), at(sigmas, step + 1), options.eta ?? 1),
  );
  const evaluations = whole.flatMap((timestep, step): Evaluation[] => {
    const from = at(sigmas, step);
    const first = { timestep, step, signal: 1, noise: from };
    if (step === numInferenceSteps - 1) return [first];
    const middle = Math.sqrt(from * at(levels, step).down);
    return [first, { timestep: timestepAt(middle), step, signal: 1, noise: middle }];
  });
  return {
    evaluations,
    initNoiseSigma,
    scaleInput: scaleByVariance(evaluations),
    step(i, { latents, memory }, modelOutput, drawNoise) {
      const { noise: sigma, step } = at(evaluations, i);
      const original = originalFromSigma(config.prediction_type, sigma, latents, modelOutput);
      const slope = combine(1 / sigma, latents, -1 / sigma, original);
      const from = at(sigmas, step);
      const { down, up } = at(levels, step);
      const [start] = memory;
      if (start) {
        const drifted = combine(1, start, down - from, slope);
        return {
          latents: combine(1, drifted, up * options.sNoise, drawNoise()),
          previousOriginal: original,
          memory: [],
        };
      }
      const middle = evaluations[i + 1]?.noise ?? 0;
      return {
        latents: combine(1, latents, middle - from, slope),
        previousOriginal: original,
        memory: step === numInferenceSteps - 1 ? [] : [latents],
      };
    },
  };
};
