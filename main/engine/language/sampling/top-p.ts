import { largestFirst } from '../logits/largest-first.ts';
import { logSumExp } from '../logits/softmax.ts';
import { type Candidates, pick } from './candidates.ts';

/**
 * Keeps the smallest set of most likely candidates whose probabilities add up to at least `p`, and
 * at least one; 1 is off.
 * Source: Holtzman et al. 2019, arXiv:1904.09751, §3.1
 */
export function topP(candidates: Candidates, p: number): Candidates {
  if (p >= 1) return candidates;
  const { logits } = candidates;
  const normaliser = logSumExp(logits);
  const order = largestFirst(logits);
  let count = 0;
  let cumulative = 0;
  while (count < logits.length) {
    cumulative += Math.exp((logits[order.at(count)] ?? -Infinity) - normaliser);
    count += 1;
    if (cumulative >= p) break;
  }
  return count === logits.length ? candidates : pick(candidates, order.first(count));
}
