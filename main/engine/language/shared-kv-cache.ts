/**
 * A cache in memory of the runtime's that a graph reads as `past` and writes as `present`: one value per
 * layer with room for every token to come. Nothing is copied or read while a text goes on, and cropping
 * only moves the length. What lies beyond the length is never looked at, because the graph is told how
 * many tokens there are.
 *
 * One row. Forks and several rows are taken out of it by reading, once, into a grown cache.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Value } from '../session.ts';
import { grownFrom } from './grown-kv-cache.ts';
import type { CachePart, KvCache, SharedMemory } from './kv-cache.ts';

/** @returns null where the runtime lends no memory */
export function createSharedKvCache(
  parts: readonly CachePart[],
  { allocate, capacity }: SharedMemory,
): KvCache | null {
  const buffers: Record<string, Value> = {};
  for (const { past, type, heads, headSize } of parts) {
    const value = allocate(type, [1, heads, capacity, headSize]);
    if (!value) {
      disposeAll(buffers);
      return null;
    }
    buffers[past] = value;
  }
  const into: Record<string, Value> = {};
  for (const { past, present } of parts) {
    const value = buffers[past];
    if (value) into[present] = value;
  }
  const sizeBytes = parts.reduce(
    (sum, { type, heads, headSize }) =>
      sum + heads * capacity * headSize * (type === 'float32' ? 4 : 2),
    0,
  );
  let length = 0;
  /** Once there are several rows. */
  let grown: KvCache | null = null;

  return {
    get length() {
      return grown?.length ?? length;
    },
    get batch() {
      return grown?.batch ?? 1;
    },
    get sizeBytes() {
      return grown?.sizeBytes ?? sizeBytes;
    },
    get capacity() {
      return grown?.capacity ?? capacity;
    },
    get feeds() {
      return grown?.feeds ?? buffers;
    },
    get into() {
      return grown?.into ?? into;
    },
    take(outputs, tokens) {
      if (grown) {
        grown.take(outputs, tokens);
        return;
      }
      if (length + tokens > capacity) {
        throw new StudioError('internal', `The cache has room for ${capacity} tokens only.`);
      }
      // Other holders of the same memory.
      for (const { present } of parts) outputs[present]?.[Symbol.dispose]();
      length += tokens;
    },
    async crop(to) {
      if (grown) return grown.crop(to);
      if (to > length) throw new RangeError(`There are ${length} tokens, fewer than ${to}.`);
      length = to;
    },
    async select(rows) {
      if (!grown) {
        if (rows.length === 1) return;
        grown = await grownFrom(parts, buffers, length, 1);
        disposeAll(buffers);
      }
      await grown.select(rows);
    },
    fork: () => grown?.fork() ?? grownFrom(parts, buffers, length, 1),
    [Symbol.dispose]() {
      if (grown) grown[Symbol.dispose]();
      else disposeAll(buffers);
    },
  };
}

function disposeAll(values: Readonly<Record<string, Value>>): void {
  for (const value of Object.values(values)) value[Symbol.dispose]();
}
