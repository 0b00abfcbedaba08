/**
 * A cache for runtimes that return new keys and values from every run: each layer is one value that
 * grows by the new tokens. Forks share values until one of them goes on, since no run changes them.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Value } from '../session.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { copyRows, emptyTensor } from './cache-rows.ts';
import type { CachePart, KvCache } from './kv-cache.ts';

/** Values with a count of the caches that hold them. */
interface Held {
  readonly feeds: Readonly<Record<string, Tensor | Value>>;
  owners: number;
}

export function createGrownKvCache(parts: readonly CachePart[]): KvCache {
  const feeds = parts.map(
    (part) => [part.past, part.type, [1, part.heads, 0, part.headSize]] as const,
  );
  return keep(
    parts,
    hold(Object.fromEntries(feeds.map(([name, type, dims]) => [name, emptyTensor(type, dims)]))),
    0,
    1,
  );
}

function keep(
  parts: readonly CachePart[],
  initial: Held,
  tokens: number,
  rowCount: number,
): KvCache {
  let held = initial;
  let length = tokens;
  let batch = rowCount;

  function replace(next: Held): void {
    release(held);
    held = next;
  }

  return {
    get length() {
      return length;
    },
    get batch() {
      return batch;
    },
    get sizeBytes() {
      return parts.reduce(
        (sum, { type, heads, headSize }) =>
          sum + batch * heads * length * headSize * (type === 'float32' ? 4 : 2),
        0,
      );
    },
    get feeds() {
      return held.feeds;
    },
    into: {},
    reserve: () => Promise.resolve(),
    take(outputs, added) {
      const next: Record<string, Value> = {};
      for (const { past, present } of parts) {
        const value = outputs[present];
        if (!value) throw new StudioError('internal', `The run returned no ${present}.`);
        next[past] = value;
      }
      replace(hold(next));
      length += added;
    },
    async crop(to) {
      if (to > length) throw new RangeError(`There are ${length} tokens, fewer than ${to}.`);
      if (to === length) return;
      const rows = Array.from({ length: batch }, (_none, row) => row);
      replace(hold(await copyRows(parts, held.feeds, rows, to, to)));
      length = to;
    },
    async select(rows) {
      if (rows.length === batch && rows.every((row, index) => row === index)) return;
      replace(hold(await copyRows(parts, held.feeds, rows, length, length)));
      batch = rows.length;
    },
    fork() {
      held.owners += 1;
      return Promise.resolve(keep(parts, held, length, batch));
    },
    [Symbol.dispose]: () => replace(hold({})),
  };
}

function hold(feeds: Held['feeds']): Held {
  return { feeds, owners: 1 };
}

function release(held: Held): void {
  held.owners -= 1;
  if (held.owners > 0) return;
  for (const feed of Object.values(held.feeds)) if (Symbol.dispose in feed) feed[Symbol.dispose]();
}
