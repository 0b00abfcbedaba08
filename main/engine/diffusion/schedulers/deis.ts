/** DEIS of second order over ln ρ: the noise estimates of two steps, extrapolated and integrated exactly. Source: Zhang and Chen 2022, arXiv:2204.13902, §3.3. */
import { fewSteps, planMultistep } from './multistep-plan.ts';
import { noiseFromOriginal, originalFromAlpha } from './prediction.ts';
import { at, combine, type PlanSampling } from './scheduler.ts';

/** Memory: the noise estimate of the last step. Sampling ends at the smallest level, never at σ = 0, where ln ρ has no value. */
export const planDeis: PlanSampling = (config, numInferenceSteps, schedule, options) => {
  const { levels, ...plan } = planMultistep(
    config,
    numInferenceSteps,
    schedule,
    options,
    (trainedMin, lastStep) => (schedule === 'normal' ? trainedMin : lastStep),
    { cutsCosineTimesteps: false },
  );
  return {
    ...plan,
    step(i, { latents, memory: [previous] }, modelOutput) {
      at(plan.evaluations, i);
      const from = at(levels, i);
      const to = at(levels, i + 1);
      const original = originalFromAlpha(
        config.prediction_type,
        from.alpha,
        from.sigma,
        latents,
        modelOutput,
      );
      const noise = noiseFromOriginal(from.alpha, from.sigma, latents, original);
      const kept = { previousOriginal: original, memory: [noise] };
      const scale = to.alpha / from.alpha;
      const endsInFirstOrder =
        i === numInferenceSteps - 1 && config.lower_order_final && numInferenceSteps < fewSteps;
      const rho = Math.exp(-from.lambda);
      const rhoTo = Math.exp(-to.lambda);
      if (!previous || endsInFirstOrder)
        return { ...kept, latents: combine(scale, latents, to.alpha * (rhoTo - rho), noise) };
      const rhoBefore = Math.exp(-at(levels, i - 1).lambda);
      const weight = integral(rhoTo, rho, rhoBefore) - integral(rho, rho, rhoBefore);
      const weightBefore = integral(rhoTo, rhoBefore, rho) - integral(rho, rhoBefore, rho);
      const slope = combine(to.alpha * weight, noise, to.alpha * weightBefore, previous);
      return { ...kept, latents: combine(scale, latents, 1, slope) };
    },
  };
};

/** ∫ of the line over ln ρ that is 1 at `one` and 0 at `zero`. */
function integral(rho: number, one: number, zero: number): number {
  return (rho * (Math.log(rho) - Math.log(zero) - 1)) / (Math.log(one) - Math.log(zero));
}
