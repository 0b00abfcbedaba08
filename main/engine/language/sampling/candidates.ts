/** Tokens still in the running. Both arrays have the same length; the order means nothing. */
export interface Candidates {
  readonly tokenIds: Int32Array;
  readonly logits: Float32Array;
}

/** Every token of the vocabulary. `logits` f32 [V] is shared, not copied. */
export function allCandidates(logits: Float32Array): Candidates {
  return { tokenIds: Int32Array.from(logits.keys()), logits };
}

/** New candidates: those at the given indices, in their order. */
export function pick({ tokenIds, logits }: Candidates, indices: readonly number[]): Candidates {
  return {
    tokenIds: Int32Array.from(indices, (index) => tokenIds[index] ?? 0),
    logits: Float32Array.from(indices, (index) => logits[index] ?? -Infinity),
  };
}
