/** Tokens that are guessed before the model sees them, so that it can check several in one run. */
import type { Candidates } from './sampling/candidates.ts';

export interface Draft {
  readonly tokenIds: readonly number[];
  /**
   * What each token was drawn from, as the logits of its candidates; null for guesses that were not
   * drawn but follow from the text.
   */
  readonly drawnFrom: readonly Candidates[] | null;
}

export const noDraft: Draft = { tokenIds: [], drawnFrom: null };

export interface Drafter extends Disposable {
  /**
   * @param history every token so far, the prompt's included
   * @param most tokens that can be used
   */
  propose(history: readonly number[], most: number, signal?: AbortSignal): Promise<Draft>;
}
