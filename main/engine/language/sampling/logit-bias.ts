import { adjust, type Candidates, without } from './candidates.ts';

/**
 * Adds to the logits of some tokens; −∞ leaves the token out.
 * @param biases token id → what is added
 * @returns null if every candidate is left out
 * Source: `logit_bias` of OpenAI's API
 */
export function applyLogitBias(
  candidates: Candidates,
  biases: ReadonlyMap<number, number>,
): Candidates | null {
  if (biases.size === 0) return candidates;
  const banned = new Set<number>();
  for (const [tokenId, bias] of biases) if (bias === -Infinity) banned.add(tokenId);
  const allowed = without(candidates, banned);
  return (
    allowed &&
    adjust(allowed, biases.keys(), (logit, tokenId) => logit + (biases.get(tokenId) ?? 0))
  );
}
