import { type Candidates, largestLogit, pickFrom } from './candidates.ts';

/**
 * Keeps candidates at least `minimum` times as likely as the likeliest; 0 is off.
 * Source: Nguyen et al. 2024, arXiv:2407.01082, eq. 1–2
 */
export function minP(candidates: Candidates, minimum: number): Candidates {
  if (minimum === 0) return candidates;
  // p ≥ minimum · pMax in logarithms; the common normaliser cancels.
  return pickFrom(candidates, largestLogit(candidates) + Math.log(minimum));
}
