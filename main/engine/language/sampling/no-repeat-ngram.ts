import { type Candidates, without } from './candidates.ts';

/**
 * Leaves out every token that would complete a sequence of `size` tokens that occurred before; 0 is
 * off. Where that would leave nothing, all stay.
 *
 * @param history every token so far, the prompt's included
 * Source: Paulus et al. 2017, arXiv:1705.04304, §2.5; as NoRepeatNGramLogitsProcessor of transformers
 */
export function noRepeatNgram(
  candidates: Candidates,
  history: readonly number[],
  size: number,
): Candidates {
  if (size === 0 || history.length < size) return candidates;
  const completing = new Set<number>();
  const begun = history.length - (size - 1);
  for (let start = 0; start < begun; start += 1) {
    let matched = 0;
    while (matched < size - 1 && history[start + matched] === history[begun + matched])
      matched += 1;
    const next = history[start + size - 1];
    if (matched === size - 1 && next !== undefined) completing.add(next);
  }
  return without(candidates, completing) ?? candidates;
}
