import { pick, type Candidates } from './candidates.ts';

/**
 * Keeps candidates at least `minP` times as likely as the likeliest; 0 is off.
 * Source: Nguyen et al. 2024, arXiv:2407.01082, eq. 1–2
 */
export function minP(candidates: Candidates, minimum: number): Candidates {
  if (minimum === 0) return candidates;
  const { logits } = candidates;
  const max = logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity);
  // p ≥ minP · pMax in logarithms; the common normaliser cancels.
  const threshold = max + Math.log(minimum);
  const kept: number[] = [];
  logits.forEach((logit, index) => {
    if (logit >= threshold) kept.push(index);
  });
  return pick(candidates, kept);
}
