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

/**
 * Mirostat 2: leaves out candidates of more surprise than `mu`, draws, and moves `mu` by how far the
 * surprise was from the aim. The surprise counts among those that were left, as in llama.cpp.
 *
 * @returns the token's id and μ for the next one
 * Source: Basu et al. 2020, arXiv:2007.14966, algorithm 2 in the simplified form of its authors' code
 */
export function mirostat(
  candidates: Candidates,
  mu: number,
  { tau, eta }: MirostatSettings,
  uniform: number,
): { readonly tokenId: number; readonly mu: number } {
  // −log₂ p ≤ μ  ⇔  l ≥ normaliser − μ ln 2; the likeliest always stays.
  const threshold = logSumExp(candidates.logits) - mu * Math.LN2;
  const kept = pickFrom(candidates, Math.min(threshold, largestLogit(candidates)));
  const { tokenId, logit } = draw(kept, uniform);
  const surpriseBits = (logSumExp(kept.logits) - logit) / Math.LN2;
  return { tokenId, mu: mu - eta * (surpriseBits - tau) };
}
