import { largestFirst } from '../logits/largest-first.ts';
import { type Candidates, pick } from './candidates.ts';

/**
 * Keeps the `k` most likely candidates; 0 is off. Among equals the earlier one stays.
 * Source: Fan et al. 2018, arXiv:1805.04833, §5.4
 */
export function topK(candidates: Candidates, k: number): Candidates {
  if (k === 0 || k >= candidates.logits.length) return candidates;
  return pick(candidates, largestFirst(candidates.logits).first(k));
}
