import { logSumExpAndEntropy } from '../logits/softmax.ts';
import type { Candidates } from './candidates.ts';
import { applyTemperature } from './temperature.ts';

/** Colder than this is greedy to a float. */
const lowestTemperature = 1e-6;

/**
 * A temperature that follows how sure the model is: low + (high − low) · (H / Hmax)^exponent, with H
 * the entropy of the candidates and Hmax that of as many equally likely ones.
 *
 * @param high ≥ 0; may lie below `low`, which makes sure choices the bolder ones
 * Source: Zhu et al. 2023, arXiv:2309.02772 (idea); formula of koboldcpp and llama.cpp
 */
export function applyDynamicTemperature(
  candidates: Candidates,
  {
    low,
    high,
    exponent,
  }: { readonly low: number; readonly high: number; readonly exponent: number },
): Candidates {
  const count = candidates.logits.length;
  if (count === 1) return candidates;
  const { entropy } = logSumExpAndEntropy(candidates.logits);
  const share = Math.min(1, entropy / Math.log(count));
  const temperature = low + (high - low) * share ** exponent;
  return applyTemperature(candidates, Math.max(temperature, lowestTemperature));
}
