/**
 * DPM-Solver++ for the reverse SDE, of second order with two evaluations a step.
 * Source: Lu et al. 2022, arXiv:2211.01095; as in k-diffusion, `sample_dpmpp_sde` (η = 1, r = 1/2).
 *
 * Both halves of a step follow one Brownian path over σ: the path up to the middle is drawn first,
 * then its rest. The law is that of k-diffusion's BrownianTree; the numbers are our own stream,
 * drawn from the picture's generator, so that they do not depend on the order of queries.
 */
import { ancestralLevels } from './ancestral.ts';
import { originalFromSigma, refuseSample } from './prediction.ts';
import { at, combine, type Evaluation, type PlanSampling } from './scheduler.ts';
import { planSigmas, scaleByVariance } from './sigma-plan.ts';

/** Between the two evaluations of a step its memory holds where it began and the path's first half. */
export const planDpmppSde: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  refuseSample(config, 'DPM++ SDE');
  const { sigmas, timesteps, initNoiseSigma, timestepAt } = planSigmas(
    config,
    numInferenceSteps,
    schedule,
    options,
  );
  const evaluations = timesteps.flatMap((timestep, step): Evaluation[] => {
    const from = at(sigmas, step);
    const first = { timestep, step, signal: 1, noise: from };
    if (at(sigmas, step + 1) === 0) return [first];
    const middle = Math.sqrt(from * at(sigmas, step + 1));
    return [first, { timestep: timestepAt(middle), step, signal: 1, noise: middle }];
  });
  const eta = options.eta ?? 1;

  return {
    evaluations,
    initNoiseSigma,
    scaleInput: scaleByVariance(evaluations),
    step(i, { latents, memory }, modelOutput, drawNoise) {
      const { noise: sigma, step } = at(evaluations, i);
      const original = originalFromSigma(config.prediction_type, sigma, latents, modelOutput);
      const from = at(sigmas, step);
      const end = at(sigmas, step + 1);
      if (end === 0) return { latents: original, previousOriginal: original, memory: [] };
      const middle = Math.sqrt(from * end);
      const [start, firstHalf] = memory;
      const fresh = drawNoise();
      if (!start || !firstHalf) {
        return {
          latents: along(latents, original, from, middle, fresh),
          previousOriginal: original,
          memory: [latents, fresh],
        };
      }
      const path = combine(
        Math.sqrt((from - middle) / (from - end)),
        firstHalf,
        Math.sqrt((middle - end) / (from - end)),
        fresh,
      );
      return {
        latents: along(start, original, from, end, path),
        previousOriginal: original,
        memory: [],
      };
    },
  };

  function along(
    start: Float32Array,
    original: Float32Array,
    from: number,
    to: number,
    noise: Float32Array,
  ): Float32Array {
    const { down, up } = ancestralLevels(from, to, eta);
    const ratio = down / from;
    return combine(1, combine(ratio, start, 1 - ratio, original), up * options.sNoise, noise);
  }
};
