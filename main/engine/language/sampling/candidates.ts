/**
 * Tokens still in the running.
 *
 * Promises: both arrays have the same length, at least 1; ids rise; logits are finite. Nothing
 * modifies them once they are made, so stages may share them.
 */
export interface Candidates {
  readonly tokenIds: Int32Array;
  readonly logits: Float32Array;
}

/** 0 … V − 1, which `allCandidates` shares where nothing is left out. */
export function everyToken(vocabularySize: number): Int32Array {
  const tokenIds = new Int32Array(vocabularySize);
  for (let id = 0; id < vocabularySize; id += 1) tokenIds[id] = id;
  return tokenIds;
}

/**
 * Every possible token of the vocabulary.
 * @param logits f32 [V]; shared, not copied, where all are finite; −∞ leaves a token out
 * @param every `everyToken(V)`, from whoever asks again and again
 * @throws {RangeError} if a logit is NaN or +∞, or all are −∞
 */
export function allCandidates(
  logits: Float32Array,
  every: Int32Array = everyToken(logits.length),
): Candidates {
  let finite = 0;
  for (let id = 0; id < logits.length; id += 1) {
    const logit = logits[id] ?? NaN;
    // False for NaN as well.
    if (!(logit < Infinity)) throw new RangeError(`The logit of token ${id} is ${logit}.`);
    if (logit !== -Infinity) finite += 1;
  }
  if (finite === 0) throw new RangeError('No token is possible.');
  if (finite === logits.length) return { tokenIds: every, logits };
  const tokenIds = new Int32Array(finite);
  let count = 0;
  for (let id = 0; id < logits.length; id += 1) {
    if (logits[id] === -Infinity) continue;
    tokenIds[count] = id;
    count += 1;
  }
  return gathered(logits, tokenIds);
}

/**
 * The possible tokens among the allowed ones.
 * @param allowed token `t` is bit `t & 31` of word `t >> 5`
 * @returns null if there is none
 */
export function allowedCandidates(logits: Float32Array, allowed: Uint32Array): Candidates | null {
  const ids = new Int32Array(logits.length);
  let count = 0;
  for (let word = 0; word < allowed.length; word += 1) {
    let bits = allowed[word] ?? 0;
    while (bits !== 0) {
      const lowest = 31 - Math.clz32(bits & -bits);
      bits &= bits - 1;
      const id = word * 32 + lowest;
      if (id >= logits.length || logits[id] === -Infinity) continue;
      ids[count] = id;
      count += 1;
    }
  }
  return count === 0 ? null : gathered(logits, ids.slice(0, count));
}

function gathered(logits: Float32Array, tokenIds: Int32Array): Candidates {
  const own = new Float32Array(tokenIds.length);
  for (let index = 0; index < own.length; index += 1)
    own[index] = logits[tokenIds[index] ?? 0] ?? 0;
  return { tokenIds, logits: own };
}

/** @param indices in any order, without repeats; sorted in place */
export function pick({ tokenIds, logits }: Candidates, indices: Int32Array): Candidates {
  sortIndices(indices, tokenIds.length);
  const picked = {
    tokenIds: new Int32Array(indices.length),
    logits: new Float32Array(indices.length),
  };
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] ?? 0;
    picked.tokenIds[place] = tokenIds[index] ?? 0;
    picked.logits[place] = logits[index] ?? 0;
  }
  return picked;
}

/** Where many of `size` indices are picked, marking them is cheaper than sorting them. */
function sortIndices(indices: Int32Array, size: number): void {
  if (indices.length * 16 < size) {
    indices.sort();
    return;
  }
  const isPicked = new Uint8Array(size);
  for (let place = 0; place < indices.length; place += 1) isPicked[indices[place] ?? 0] = 1;
  let count = 0;
  for (let index = 0; index < size; index += 1) {
    if (isPicked[index] !== 1) continue;
    indices[count] = index;
    count += 1;
  }
}

export function largestLogit({ logits }: Candidates): number {
  let max = -Infinity;
  for (let index = 0; index < logits.length; index += 1) {
    const logit = logits[index] ?? -Infinity;
    if (logit > max) max = logit;
  }
  return max;
}

/** Keeps those whose logit is at least `threshold`, which must not be above the largest. */
export function pickFrom(candidates: Candidates, threshold: number): Candidates {
  const { tokenIds, logits } = candidates;
  let count = 0;
  for (let index = 0; index < logits.length; index += 1)
    if ((logits[index] ?? -Infinity) >= threshold) count += 1;
  if (count === logits.length) return candidates;
  const kept = { tokenIds: new Int32Array(count), logits: new Float32Array(count) };
  let place = 0;
  for (let index = 0; index < logits.length; index += 1) {
    const logit = logits[index] ?? -Infinity;
    if (logit < threshold) continue;
    kept.tokenIds[place] = tokenIds[index] ?? 0;
    kept.logits[place] = logit;
    place += 1;
  }
  return kept;
}

/** Leaves out the tokens of `excluded`; null if none is left. */
export function without(candidates: Candidates, excluded: ReadonlySet<number>): Candidates | null {
  const absent = new Set<number>();
  for (const tokenId of excluded) {
    const index = indexOf(candidates, tokenId);
    if (index !== null) absent.add(index);
  }
  if (absent.size === 0) return candidates;
  const kept = new Int32Array(candidates.tokenIds.length - absent.size);
  if (kept.length === 0) return null;
  let place = 0;
  for (let index = 0; index < candidates.tokenIds.length; index += 1) {
    if (absent.has(index)) continue;
    kept[place] = index;
    place += 1;
  }
  return pick(candidates, kept);
}

/**
 * Changes the logits of some tokens; the ones that are no candidates are passed over.
 * @returns candidates of their own, or the same where nothing changes
 */
export function adjust(
  candidates: Candidates,
  tokenIds: Iterable<number>,
  change: (logit: number, tokenId: number) => number,
): Candidates {
  let logits: Float32Array | null = null;
  for (const tokenId of tokenIds) {
    const index = indexOf(candidates, tokenId);
    if (index === null) continue;
    logits ??= candidates.logits.slice();
    logits[index] = change(candidates.logits[index] ?? 0, tokenId);
  }
  return logits ? { tokenIds: candidates.tokenIds, logits } : candidates;
}

/** @returns the place of a token among the candidates; null where it is none */
export function indexOf({ tokenIds }: Candidates, tokenId: number): number | null {
  let low = 0;
  let high = tokenIds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tokenIds[middle] ?? 0) < tokenId) low = middle + 1;
    else high = middle;
  }
  return tokenIds[low] === tokenId ? low : null;
}
