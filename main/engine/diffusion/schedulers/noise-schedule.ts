/** How much signal is left at each training timestep. */
import type { SchedulerConfig } from './config.ts';
import { at } from './scheduler.ts';

/**
 * ᾱ_t, the running product of 1 − β_t. Source: Ho et al. 2020, arXiv:2006.11239, §2; the cosine
 * schedule from Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17.
 * @returns f64 [num_train_timesteps], falling; the last is 0 where the signal-to-noise ratio ends at 0
 */
export function alphasCumprodOf(config: SchedulerConfig): Float64Array {
  const betas = betasOf(config);
  const alphasCumprod = new Float64Array(betas.length);
  let product = 1;
  for (const [t, beta] of betas.entries()) {
    // Rounded where torch rounds: at the end of a cosine schedule the last bits of ᾱ decide.
    product *= Math.fround(1 - Math.fround(beta));
    alphasCumprod[t] = Math.fround(product);
  }
  return config.rescale_betas_zero_snr ? rescaleToZeroSnr(alphasCumprod) : alphasCumprod;
}

function betasOf(config: SchedulerConfig): readonly number[] {
  if (config.trained_betas) return config.trained_betas;
  const { num_train_timesteps: count, beta_start: start, beta_end: end } = config;
  switch (config.beta_schedule) {
    case 'linear':
      return linspace(start, end, count);
    case 'scaled_linear':
      return linspace(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
    case 'squaredcos_cap_v2':
      return Array.from({ length: count }, (_, t) =>
        Math.min(1 - alphaBar((t + 1) / count) / alphaBar(t / count), 0.999),
      );
    default:
      return config.beta_schedule satisfies never;
  }
}

function alphaBar(time: number): number {
  return Math.cos(((time + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
}

/** Shifts and scales √ᾱ so that the last is 0. Source: Lin et al. 2023, arXiv:2305.08891, algorithm 1. */
function rescaleToZeroSnr(alphasCumprod: Float64Array): Float64Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const first = at(roots, 0);
  const last = at(roots, roots.length - 1);
  return roots.map((root) => (((root - last) * first) / (first - last)) ** 2);
}

/** `count` evenly spaced numbers from `start` to `end`, both included. */
export function linspace(start: number, end: number, count: number): number[] {
  if (count === 1) return [start];
  return Array.from({ length: count }, (_, i) => start + ((end - start) * i) / (count - 1));
}
