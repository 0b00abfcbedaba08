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
  const kept: number[] = [];
  let cumulative = 0;
  for (const index of largestFirst(logits)) {
    kept.push(index);
    cumulative += Math.exp((logits[index] ?? -Infinity) - normaliser);
    if (cumulative >= p) break;
  }
  return kept.length === logits.length ? candidates : pick(candidates, Int32Array.from(kept));
}
