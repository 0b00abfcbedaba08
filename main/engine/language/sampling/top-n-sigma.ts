import { type Candidates, largestLogit, pickFrom } from './candidates.ts';

/**
 * Keeps candidates whose logit is at most `n` standard deviations of all logits below the largest;
 * 0 is off. What it keeps does not depend on the temperature.
 * Source: Tang et al. 2024, arXiv:2411.07641, algorithm 1
 */
export function topNSigma(candidates: Candidates, n: number): Candidates {
  if (n === 0) return candidates;
  const { logits } = candidates;
  let sum = 0;
  for (let index = 0; index < logits.length; index += 1) sum += logits[index] ?? 0;
  const mean = sum / logits.length;
  let squares = 0;
  for (let index = 0; index < logits.length; index += 1)
    squares += ((logits[index] ?? 0) - mean) ** 2;
  const sigma = Math.sqrt(squares / logits.length);
  return pickFrom(candidates, largestLogit(candidates) - n * sigma);
}
