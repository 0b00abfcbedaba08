import { largestFirst } from '../logits/largest-first.ts';
import { logSumExpAndEntropy } from '../logits/softmax.ts';
import { type Candidates, pick } from './candidates.ts';

/**
 * Keeps candidates whose surprise is nearest to the expected one, nearest first, until their
 * probabilities add up to more than `p`; 1 is off. The likeliest may be left out.
 * Source: Meister et al. 2022, arXiv:2202.00666, eq. 8
 */
export function typical(candidates: Candidates, p: number): Candidates {
  if (p >= 1) return candidates;
  const { logits } = candidates;
  const { normaliser, entropy } = logSumExpAndEntropy(logits);
  const nearness = new Float32Array(logits.length);
  for (let index = 0; index < logits.length; index += 1)
    nearness[index] = -Math.abs(normaliser - (logits[index] ?? 0) - entropy);
  const order = largestFirst(nearness);
  let count = 0;
  let cumulative = 0;
  while (count < logits.length) {
    cumulative += Math.exp((logits[order.at(count)] ?? -Infinity) - normaliser);
    count += 1;
    if (cumulative > p) break;
  }
  return count === logits.length ? candidates : pick(candidates, order.first(count));
}
