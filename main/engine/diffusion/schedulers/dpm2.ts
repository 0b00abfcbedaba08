/** DPM-Solver-2: a step along the slope at its geometric middle. Source: Lu et al. 2022, arXiv:2206.00927, algorithm 1; as in k-diffusion, `sample_dpm_2`. */
import { originalFromSigma, refuseSample } from './prediction.ts';
import { at, combine, type Evaluation, type PlanSampling } from './scheduler.ts';
import { planSigmas, scaleByVariance } from './sigma-plan.ts';
import { roundHalfEven } from './spacing.ts';

/** Between the two evaluations of a step its memory holds where it began. */
export const planDpm2: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  refuseSample(config, 'DPM2');
  const { sigmas, timesteps, initNoiseSigma, timestepAt } = planSigmas(
    config,
    numInferenceSteps,
    schedule,
    options,
  );
  const whole = schedule === 'karras' ? timesteps.map(roundHalfEven) : timesteps;
  const evaluations = whole.flatMap((timestep, step): Evaluation[] => {
    const from = at(sigmas, step);
    const first = { timestep, step, signal: 1, noise: from };
    if (step === numInferenceSteps - 1) return [first];
    const middle = Math.sqrt(from * at(sigmas, step + 1));
    return [first, { timestep: timestepAt(middle), step, signal: 1, noise: middle }];
  });
  return {
    evaluations,
    initNoiseSigma,
    scaleInput: scaleByVariance(evaluations),
    step(i, { latents, memory }, modelOutput) {
      const { noise: sigma, step } = at(evaluations, i);
      const original = originalFromSigma(config.prediction_type, sigma, latents, modelOutput);
      const slope = combine(1 / sigma, latents, -1 / sigma, original);
      const from = at(sigmas, step);
      const [start] = memory;
      if (start) {
        const span = at(sigmas, step + 1) - from;
        return {
          latents: combine(1, start, span, slope),
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
