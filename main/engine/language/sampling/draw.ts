import { exponential } from '../logits/exponential.ts';
import { type Candidates, largestLogit } from './candidates.ts';

/**
 * Draws one candidate by its probability.
 * @param uniform in [0, 1)
 * @returns its token id
 */
export function draw(candidates: Candidates, uniform: number): number {
  const { tokenIds, logits } = candidates;
  const max = largestLogit(candidates);
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let index = 0; index < logits.length; index += 1) {
    const weight = exponential((logits[index] ?? -Infinity) - max);
    weights[index] = weight;
    total += weight;
  }
  let left = uniform * total;
  let chosen = 0;
  for (let index = 0; index < logits.length; index += 1) {
    const weight = weights[index] ?? 0;
    if (weight === 0) continue;
    // The last possible one also takes what rounding left over.
    chosen = index;
    left -= weight;
    if (left < 0) break;
  }
  return tokenIds[chosen] ?? 0;
}
