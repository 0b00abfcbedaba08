/** Noise levels σ = √((1 − ᾱ) / ᾱ), the variance-exploding view of the same process. */
import { at } from './scheduler.ts';

/** ρ of Karras et al. 2022, arXiv:2206.00364, eq. 5. */
const karrasRho = 7;

/** Stands for ᾱ = 0, where σ would be infinite: the smallest value that float16 arithmetic survives. */
export const smallestAlpha = 2 ** -24;

/** @returns f64 [T], rising with t */
export function trainingSigmas(alphasCumprod: Float64Array): Float64Array {
  return alphasCumprod.map((alpha) =>
    Math.fround(Math.sqrt((1 - (alpha || smallestAlpha)) / (alpha || smallestAlpha))),
  );
}

/** σ at a timestep that may be fractional: linear between neighbours, held at the ends. */
export function sigmaAt(sigmas: Float64Array, timestep: number): number {
  const clamped = Math.min(Math.max(timestep, 0), sigmas.length - 1);
  const low = Math.floor(clamped);
  const high = Math.min(low + 1, sigmas.length - 1);
  const share = clamped - low;
  return at(sigmas, low) * (1 - share) + at(sigmas, high) * share;
}

/** @returns [count] noise levels, falling. Source: Karras et al. 2022, eq. 5 */
export function karrasSigmas(sigmaMin: number, sigmaMax: number, count: number): number[] {
  const low = sigmaMin ** (1 / karrasRho);
  const high = sigmaMax ** (1 / karrasRho);
  return Array.from({ length: count }, (_, i) => {
    const ramp = count === 1 ? 0 : i / (count - 1);
    return (high + ramp * (low - high)) ** karrasRho;
  });
}

/**
 * The fractional timestep whose noise level is σ: linear in ln σ between neighbours.
 * @param sigmas f64 [T], rising
 */
export function timestepOf(sigma: number, sigmas: Float64Array): number {
  const logSigma = Math.log(Math.max(sigma, 1e-10));
  let low = sigmas.findLastIndex((value) => logOf(value) <= logSigma);
  low = Math.min(Math.max(low, 0), sigmas.length - 2);
  const lowValue = logOf(at(sigmas, low));
  const share = (lowValue - logSigma) / (lowValue - logOf(at(sigmas, low + 1)));
  return low + Math.min(Math.max(share, 0), 1);
}

/** Rounded as in the reference, where it decides which side of a whole timestep a level falls on. */
function logOf(sigma: number): number {
  return Math.fround(Math.log(sigma));
}

/** σ at a timestep that may be fractional: linear in ln σ between neighbours. Source: k-diffusion, `t_to_sigma` */
export function logSigmaAt(sigmas: Float64Array, timestep: number): number {
  const low = Math.min(Math.max(Math.floor(timestep), 0), sigmas.length - 2);
  const share = timestep - low;
  return Math.exp(logOf(at(sigmas, low)) * (1 - share) + logOf(at(sigmas, low + 1)) * share);
}
