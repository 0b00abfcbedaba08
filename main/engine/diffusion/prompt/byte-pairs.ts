/** Byte-pair encoding of one word. Source: Sennrich et al. 2016, arXiv:1508.07909, algorithm 1. */

/** Pairs wait as rank · positions + position, so that a plain number orders them. */
const positions = 2 ** 24;

/**
 * Joins the pair of lowest rank, the leftmost of equals first, until no known pair is left.
 * n · log n in the length of the word: a pasted page without a space is one word too.
 * @param symbols fewer than 2^24
 * @param ranks of pairs, written with a space between their symbols
 * @returns the joined symbols, in order
 */
export function mergePairs(
  symbols: readonly string[],
  ranks: ReadonlyMap<string, number>,
): readonly string[] {
  // A list linked by positions: a joined pair lives on at its first, and its second is null.
  const texts: (string | null)[] = [...symbols];
  const next = Int32Array.from(symbols, (_, index) => index + 1);
  const previous = Int32Array.from(symbols, (_, index) => index - 1);
  const waiting = createQueue();

  function rankAt(position: number): number | undefined {
    const first = texts[position];
    const second = texts[next[position] ?? -1];
    return first == null || second == null ? undefined : ranks.get(`${first} ${second}`);
  }
  function enqueue(position: number): void {
    const rank = rankAt(position);
    if (rank !== undefined) waiting.push(rank * positions + position);
  }

  for (let position = 0; position + 1 < symbols.length; position += 1) enqueue(position);
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const position = entry % positions;
    // One of the two may have been joined to another neighbour since.
    if (rankAt(position) !== Math.floor(entry / positions)) continue;
    const second = next[position] ?? -1;
    const after = next[second] ?? -1;
    texts[position] = `${texts[position]}${texts[second]}`;
    texts[second] = null;
    next[position] = after;
    if (after < symbols.length) previous[after] = position;
    enqueue(position);
    enqueue(previous[position] ?? -1);
  }
  return texts.filter((text) => text !== null);
}

interface Queue {
  push(entry: number): void;
  /** @returns the smallest; undefined when there is none */
  pop(): number | undefined;
}

/** A binary heap. */
function createQueue(): Queue {
  const heap: number[] = [];
  const at = (index: number) => heap[index] ?? Infinity;

  return {
    push(entry) {
      let index = heap.length;
      heap.push(entry);
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= entry) break;
        heap[index] = at(parent);
        index = parent;
      }
      heap[index] = entry;
    },
    pop() {
      const smallest = heap[0];
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return smallest;
      let index = 0;
      for (;;) {
        const left = 2 * index + 1;
        const child = at(left + 1) < at(left) ? left + 1 : left;
        if (at(child) >= last) break;
        heap[index] = at(child);
        index = child;
      }
      heap[index] = last;
      return smallest;
    },
  };
}
