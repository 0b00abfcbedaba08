import { logSumExp } from '../logits/softmax.ts';
import { type Candidates, largestLogit, pickFrom } from './candidates.ts';
import { draw } from './draw.ts';

export interface MirostatSettings {
  /** Surprise aimed at, bits per token. */
  readonly tau: number;
  /** Learning rate. */
  readonly eta: number;
}

/** μ before the first token. */
export function firstMu({ tau }: Pick<MirostatSettings, 'tau'>): number {
  return 2 * tau;
}

/** Leaves out candidates of more surprise than `mu` bits; the likeliest always stays. */
export function mirostatCut(candidates: Candidates, mu: number): Candidates {
  // −log₂ p ≤ μ  ⇔  l ≥ normaliser − μ ln 2
  const threshold = logSumExp(candidates.logits) - mu * Math.LN2;
  return pickFrom(candidates, Math.min(threshold, largestLogit(candidates)));
}

/**
 * @param kept what `mirostatCut` left at `mu`
 * @returns `mu` moved by how far the token's surprise among `kept` was from the aim; null if it is not one of them
 */
export function nextMu(
  kept: Candidates,
  tokenId: number,
  mu: number,
  { tau, eta }: MirostatSettings,
): number | null {
  const index = kept.tokenIds.indexOf(tokenId);
  if (index < 0) return null;
  const surpriseBits = (logSumExp(kept.logits) - (kept.logits[index] ?? 0)) / Math.LN2;
  return mu - eta * (surpriseBits - tau);
}

/**
 * Mirostat 2: cuts, draws, and moves `mu`. The surprise counts among those that were left, as in llama.cpp.
 *
 * @returns the token's id and μ for the next one
 * Source: Basu et al. 2020, arXiv:2007.14966, algorithm 2 in the simplified form of its authors' code
 */
export function mirostat(
  candidates: Candidates,
  mu: number,
  settings: MirostatSettings,
  uniform: number,
): { readonly tokenId: number; readonly mu: number } {
  const kept = mirostatCut(candidates, mu);
  const tokenId = draw(kept, uniform);
  return { tokenId, mu: nextMu(kept, tokenId, mu, settings) ?? mu };
}
