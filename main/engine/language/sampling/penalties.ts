import { adjust, type Candidates } from './candidates.ts';

export interface Penalties {
  /** > 0; 1 is off, below 1 encourages repetition. */
  readonly repetition: number;
  /** Per occurrence; 0 is off. */
  readonly frequency: number;
  /** For having occurred; 0 is off. */
  readonly presence: number;
  /** How many of the last tokens count. */
  readonly window: number;
}

/**
 * Makes tokens that occurred lately less likely: l ← l · repetition if l ≤ 0, else l / repetition;
 * then l ← l − count · frequency − presence.
 *
 * @param history every token so far
 * Source: Keskar et al. 2019, arXiv:1909.05858, §4.1, with the sign rule of llama.cpp and
 *   transformers; frequency and presence as in OpenAI's API
 */
export function penalise(
  candidates: Candidates,
  history: readonly number[],
  { repetition, frequency, presence, window }: Penalties,
): Candidates {
  if (repetition === 1 && frequency === 0 && presence === 0) return candidates;
  const counts = new Map<number, number>();
  for (let at = Math.max(0, history.length - window); at < history.length; at += 1) {
    const tokenId = history[at] ?? 0;
    counts.set(tokenId, (counts.get(tokenId) ?? 0) + 1);
  }
  return adjust(candidates, counts.keys(), (logit, tokenId) => {
    const scaled = logit <= 0 ? logit * repetition : logit / repetition;
    return scaled - (counts.get(tokenId) ?? 0) * frequency - presence;
  });
}
