import { noDraft, type Drafter } from './draft.ts';

/** Shorter matches are chance more often than repetition. */
const shortestMatch = 2;

/**
 * Guesses that the text goes on as it did where its last tokens stood before; the longest match counts,
 * the latest among equals.
 * @param ngram tokens that a match has at most
 * @param tokens guessed at once
 * Source: Saxena 2023, prompt-lookup-decoding; Yang et al. 2023, arXiv:2304.04487
 */
export function createPromptLookup(ngram: number, tokens: number): Drafter {
  return {
    propose(history, most) {
      const shortest = Math.min(shortestMatch, ngram);
      for (let length = Math.min(ngram, history.length - 1); length >= shortest; length -= 1) {
        const at = lastMatch(history, length);
        if (at === null) continue;
        const tokenIds = history.slice(at, at + Math.min(tokens, most));
        return Promise.resolve({ tokenIds, drawnFrom: null });
      }
      return Promise.resolve(noDraft);
    },
    [Symbol.dispose]() {},
  };
}

/** @returns where the text goes on after the latest earlier place of its last `length` tokens */
function lastMatch(history: readonly number[], length: number): number | null {
  const end = history.length - length;
  for (let start = end - 1; start >= 0; start -= 1) {
    let same = 0;
    while (same < length && history[start + same] === history[end + same]) same += 1;
    if (same === length) return start + length;
  }
  return null;
}
