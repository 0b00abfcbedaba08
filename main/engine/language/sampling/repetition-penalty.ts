/**
 * Makes tokens that occurred lately less likely: l ← l / penalty if l > 0, else l · penalty; each
 * token once, however often it occurred.
 *
 * @param logits f32 [V]; not modified
 * @param recentTokens the window that the penalty looks at
 * @param penalty > 0; 1 is off, below 1 encourages repetition
 * @returns new f32 [V], or `logits` itself when there is nothing to do
 * Source: Keskar et al. 2019, arXiv:1909.05858, §4.1, with the sign rule of llama.cpp and transformers
 */
export function applyRepetitionPenalty(
  logits: Float32Array,
  recentTokens: readonly number[],
  penalty: number,
): Float32Array {
  if (penalty === 1 || recentTokens.length === 0) return logits;
  const penalised = logits.slice();
  for (const tokenId of new Set(recentTokens)) {
    const logit = logits[tokenId];
    if (logit !== undefined) penalised[tokenId] = logit > 0 ? logit / penalty : logit * penalty;
  }
  return penalised;
}
