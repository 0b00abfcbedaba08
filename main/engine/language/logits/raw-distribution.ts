/** The model's own distribution over the next token, before any sampler changes it. */
import { largestFirst } from './largest-first.ts';
import { logSumExp } from './softmax.ts';

export interface RawDistribution {
  /** Probability of one token, 0 … 1. */
  probabilityOf(tokenId: number): number;
  /** −log₂ of the probability, ≥ 0; finite also where the probability is too small for a number. */
  surprisalBitsOf(tokenId: number): number;
  /** The `count` most probable tokens, most probable first. */
  top(count: number): { readonly tokenId: number; readonly probability: number }[];
}

/** @param logits f32 [V]; kept, must not change. @throws {RangeError} as `logSumExp` */
export function rawDistribution(logits: Float32Array): RawDistribution {
  const normaliser = logSumExp(logits);
  const surpriseOf = (tokenId: number): number => normaliser - (logits[tokenId] ?? -Infinity);
  const probabilityOf = (tokenId: number): number => Math.exp(-surpriseOf(tokenId));
  return {
    probabilityOf,
    surprisalBitsOf: (tokenId) => Math.max(0, surpriseOf(tokenId) / Math.LN2),
    top(count) {
      if (count === 0) return [];
      const tokenIds = largestFirst(logits).first(Math.min(count, logits.length));
      return Array.from(tokenIds, (tokenId) => ({ tokenId, probability: probabilityOf(tokenId) }));
    },
  };
}
