import { adjust, type Candidates } from './candidates.ts';
import type { DryBreakers } from './dry-breakers.ts';

export interface DrySettings {
  /** 0 is off. */
  readonly multiplier: number;
  /** ≥ 1 */
  readonly base: number;
  /** ≥ 1, in tokens */
  readonly allowedLength: number;
  /** How many of the last tokens are searched. */
  readonly window: number;
}

/** e^this is about the largest float; a penalty stays below it. */
const largestExponent = 88.7;

/**
 * "Don't repeat yourself": l ← l − multiplier · base^(length − allowedLength) for each token that
 * followed an earlier occurrence of how the text now ends, `length` tokens long, where that is at
 * least `allowedLength`. The text's end is followed back to its last breaker at most; a token that
 * holds a breaker itself is never penalised.
 *
 * @param history every token so far, the prompt's included
 * Source: p-e-w 2024, text-generation-webui#5637; the window and breakers over several tokens as in llama.cpp
 */
export function dry(
  candidates: Candidates,
  history: readonly number[],
  { multiplier, base, allowedLength, window }: DrySettings,
  breakers: DryBreakers,
): Candidates {
  const size = Math.min(window, history.length);
  if (multiplier === 0 || size <= allowedLength) return candidates;
  const limit = breakers.tokensSince(history, size);
  if (limit < allowedLength) return candidates;

  const lengths = repeatLengths(history, size);
  const longest = new Map<number, number>();
  // `back` tokens before the text's end an earlier occurrence ends.
  for (let back = 1; back < size; back += 1) {
    const length = Math.min(lengths[back] ?? 0, limit);
    const next = history[history.length - back] ?? 0;
    if (length >= allowedLength && length > (longest.get(next) ?? 0) && !breakers.isBreaker(next))
      longest.set(next, length);
  }
  const mostSteps = base > 1 ? largestExponent / Math.log(base) : Infinity;
  return adjust(candidates, longest.keys(), (logit, tokenId) => {
    const steps = Math.min((longest.get(tokenId) ?? 0) - allowedLength, mostSteps);
    return Math.max(logit - multiplier * base ** steps, -3e38);
  });
}

/**
 * For each place how many tokens before it equal those before the end: the Z function of the text
 * read backwards, in O(size).
 * @returns at `back`: the length of the match that ends `back` tokens before the end
 * Source: Gusfield 1997, Algorithms on Strings, Trees, and Sequences, §1.4
 */
function repeatLengths(history: readonly number[], size: number): Int32Array {
  const last = history.length - 1;
  const lengths = new Int32Array(size);
  let left = 0;
  let right = 0;
  for (let back = 1; back < size; back += 1) {
    let length = back < right ? Math.min(right - back, lengths[back - left] ?? 0) : 0;
    while (back + length < size && history[last - length] === history[last - back - length])
      length += 1;
    lengths[back] = length;
    if (back + length > right) {
      left = back;
      right = back + length;
    }
  }
  return lengths;
}
