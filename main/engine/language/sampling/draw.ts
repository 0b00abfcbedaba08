import { softmax } from '../logits/softmax.ts';
import type { Candidates } from './candidates.ts';

/**
 * Draws one candidate by its probability.
 * @param uniform in [0, 1)
 * @returns its token id
 */
export function draw({ tokenIds, logits }: Candidates, uniform: number): number {
  const probabilities = softmax(logits);
  let left = uniform;
  let chosen = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (probability === 0) continue;
    // The last possible one also takes what rounding left over.
    chosen = index;
    left -= probability;
    if (left < 0) break;
  }
  return tokenIds[chosen] ?? 0;
}
