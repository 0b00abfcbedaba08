/** UniPC of second order with B(h) = e^h − 1: a predictor, and a corrector that costs no evaluation. Source: Zhao et al. 2023, arXiv:2302.04867, algorithms 5 and 6. */
import { planMultistep, type Level } from './multistep-plan.ts';
import { originalFromAlpha } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';

const maxOrder = 2;

/** Memory: the latents that the last step began with, then its estimate and the one before, newest first. */
export const planUniPc: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const { levels, ...plan } = planMultistep(
    config,
    numInferenceSteps,
    schedule,
    options,
    (trainedMin, lastStep) => {
      if (config.final_sigmas_type === 'zero') return 0;
      return schedule === 'normal' ? trainedMin : lastStep;
    },
    { cutsCosineTimesteps: false },
  );

  function orderAt(i: number, known: number): number {
    const allowed = config.lower_order_final ? Math.min(maxOrder, numInferenceSteps - i) : maxOrder;
    return Math.min(allowed, known);
  }

  return {
    ...plan,
    step(i, { latents, memory: [start, ...outputs] }, modelOutput) {
      at(plan.evaluations, i);
      const { alpha, sigma } = at(levels, i);
      const original = originalFromAlpha(
        config.prediction_type,
        alpha,
        sigma,
        latents,
        modelOutput,
      );
      const corrected = start ? correct(i, start, outputs, original) : latents;
      const known = [original, ...outputs].slice(0, maxOrder);
      return {
        latents: predict(i, corrected, known),
        previousOriginal: original,
        memory: [corrected, ...known],
      };
    },
  };

  function predict(i: number, start: Float32Array, known: readonly Float32Array[]): Float32Array {
    const from = at(levels, i);
    const to = at(levels, i + 1);
    const [m0, m1] = known;
    if (!m0) return start;
    const { decay, gain, h } = firstOrder(from, to);
    const first = combine(decay, start, gain, m0);
    if (orderAt(i, known.length) < 2 || !m1) return first;
    const ratio = (at(levels, i - 1).lambda - from.lambda) / h;
    const slope = combine(1 / ratio, m1, -1 / ratio, m0);
    return combine(1, first, gain / 2, slope);
  }

  /** Step i − 1 again, now that the estimate at its end is known. */
  function correct(
    i: number,
    start: Float32Array,
    outputs: readonly Float32Array[],
    arrived: Float32Array,
  ): Float32Array {
    const from = at(levels, i - 1);
    const to = at(levels, i);
    const [m0, m1] = outputs;
    if (!m0) return start;
    const { decay, gain, h } = firstOrder(from, to);
    const first = combine(decay, start, gain, m0);
    const change = combine(1, arrived, -1, m0);
    if (orderAt(i - 1, outputs.length) < 2 || !m1) return combine(1, first, gain / 2, change);
    // Weights of the two differences: [1 1; r 1] · ρ = b.
    const ratio = (at(levels, i - 2).lambda - from.lambda) / h;
    const { b1, b2 } = moments(-h);
    const rho1 = (b1 - b2) / (1 - ratio);
    const slope = combine(1 / ratio, m1, -1 / ratio, m0);
    return combine(1, combine(1, first, gain * rho1, slope), gain * (b1 - rho1), change);
  }
};

function firstOrder(from: Level, to: Level) {
  const h = to.lambda - from.lambda;
  return { h, decay: to.sigma / from.sigma, gain: -to.alpha * Math.expm1(-h) };
}

/** φ functions over B(h), at hh = −h. */
function moments(hh: number): { readonly b1: number; readonly b2: number } {
  const base = Math.expm1(hh);
  const phi2 = base / hh - 1;
  const phi3 = phi2 / hh - 0.5;
  return { b1: phi2 / base, b2: (2 * phi3) / base };
}
