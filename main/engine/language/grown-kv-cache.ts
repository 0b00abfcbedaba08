/**
 * A cache for runtimes that return new keys and values from every run: each layer is one value that
 * grows by the new tokens. Forks share values until one of them goes on, since no run changes them.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Value } from '../session.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
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

/** A cache that begins with what `read` gives for each part: the first `length` tokens of each of its rows. */
export async function grownFrom(
  parts: readonly CachePart[],
  values: Readonly<Record<string, Tensor | Value>>,
  length: number,
  batch: number,
): Promise<KvCache> {
  const rows = Array.from({ length: batch }, (_none, row) => row);
  return keep(parts, hold(await copied(parts, values, rows, length)), length, batch);
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
    capacity: Infinity,
    get feeds() {
      return held.feeds;
    },
    into: {},
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
      replace(hold(await copied(parts, held.feeds, rows, to)));
      length = to;
    },
    async select(rows) {
      if (rows.length === batch && rows.every((row, index) => row === index)) return;
      replace(hold(await copied(parts, held.feeds, rows, length)));
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

/** New tensors [rows, heads, length, headSize] out of [batch, heads, ≥ length, headSize]. */
async function copied(
  parts: readonly CachePart[],
  values: Readonly<Record<string, Tensor | Value>>,
  rows: readonly number[],
  length: number,
): Promise<Record<string, Tensor>> {
  const copies: Record<string, Tensor> = {};
  for (const { past, heads, headSize } of parts) {
    const value = values[past];
    if (!value) throw new StudioError('internal', `The cache holds no ${past}.`);
    const { type, data, dims } = 'data' in value ? value : await value.read();
    const room = dims[2] ?? 0;
    const dimsKept = [rows.length, heads, length, headSize];
    const kept = emptyTensor(type, dimsKept);
    const size = length * headSize;
    for (const [index, row] of rows.entries()) {
      for (let head = 0; head < heads; head += 1) {
        const from = (row * heads + head) * room * headSize;
        copyInto(kept, data, from, (index * heads + head) * size, size);
      }
    }
    copies[past] = kept;
  }
  return copies;
}

function emptyTensor(type: Tensor['type'], dims: readonly number[]): Tensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  return type === 'float16'
    ? tensor(type, new Uint16Array(size), dims)
    : tensor('float32', new Float32Array(size), dims);
}

function copyInto(
  { data }: Tensor,
  source: Tensor['data'],
  from: number,
  to: number,
  size: number,
): void {
  if (data instanceof Float32Array && source instanceof Float32Array)
    data.set(source.subarray(from, from + size), to);
  else if (data instanceof Uint16Array && source instanceof Uint16Array)
    data.set(source.subarray(from, from + size), to);
  else throw new StudioError('internal', 'The cache holds values of another type than its graph.');
}
