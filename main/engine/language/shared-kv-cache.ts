/**
 * A cache in memory of the runtime's that a graph reads as `past` and writes as `present`: one value per
 * layer with room for tokens to come. Nothing is copied or read while a text goes on, and cropping only
 * moves the length. What lies beyond the length is never looked at, because the graph is told how many
 * tokens there are.
 *
 * Values are read only where the memory changes hands: once for a fork, for other rows, and each time the
 * room has to be doubled. The next run then reads the copies and writes them, with the new tokens, into
 * fresh memory.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Value } from '../session.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { copyRows } from './cache-rows.ts';
import type { CachePart, KvCache, SharedMemory } from './kv-cache.ts';

/** Tokens that there is room for at first, and by whose multiples it grows. */
const leastRoom = 256;

interface Room {
  readonly capacity: number;
  readonly batch: number;
  /** By the names of `past` inputs. */
  readonly buffers: Readonly<Record<string, Value>>;
  /** The same, by the names of `present` outputs. */
  readonly into: Readonly<Record<string, Value>>;
  /** What is still to be written into the buffers by the next run. */
  readonly copies: Readonly<Record<string, Tensor>> | null;
  readonly length: number;
}

/** @returns null where the runtime lends no memory */
export function createSharedKvCache(
  parts: readonly CachePart[],
  shared: SharedMemory,
): KvCache | null {
  const capacity = Math.min(leastRoom, shared.mostTokens);
  const lent = lend(parts, shared, capacity, 1);
  return lent && keep(parts, shared, { capacity, batch: 1, ...lent, copies: null, length: 0 });
}

function keep(parts: readonly CachePart[], shared: SharedMemory, initial: Room): KvCache {
  let room = initial;

  /** The same tokens of these rows in other memory. */
  async function moved(rows: readonly number[], capacity: number): Promise<Room> {
    const { buffers, copies, length } = room;
    const batch = rows.length;
    // Fresh memory is as good as a copy of nothing.
    const next =
      length === 0 ? null : await copyRows(parts, copies ?? buffers, rows, length, capacity);
    const lent = lend(parts, shared, capacity, batch);
    if (!lent) throw new StudioError('internal', 'The runtime lends no more memory.');
    return { capacity, batch, ...lent, copies: next, length };
  }

  async function move(rows: readonly number[], capacity: number): Promise<void> {
    const next = await moved(rows, capacity);
    disposeAll(room.buffers);
    room = next;
  }

  const allRows = (): number[] => Array.from({ length: room.batch }, (_none, row) => row);

  return {
    get length() {
      return room.length;
    },
    get batch() {
      return room.batch;
    },
    get sizeBytes() {
      return parts.reduce(
        (sum, { type, heads, headSize }) =>
          sum + room.batch * heads * room.capacity * headSize * (type === 'float32' ? 4 : 2),
        0,
      );
    },
    get feeds() {
      return room.copies ?? room.buffers;
    },
    get into() {
      return room.into;
    },
    async reserve(tokens) {
      const needed = room.length + tokens;
      if (needed <= room.capacity) return;
      const doubled = Math.max(2 * room.capacity, Math.ceil(needed / leastRoom) * leastRoom);
      await move(allRows(), Math.max(needed, Math.min(doubled, shared.mostTokens)));
    },
    take(_outputs, tokens) {
      room = { ...room, copies: null, length: room.length + tokens };
    },
    async crop(to) {
      if (to > room.length)
        throw new RangeError(`There are ${room.length} tokens, fewer than ${to}.`);
      room = { ...room, length: to };
    },
    async select(rows) {
      if (rows.length === room.batch && rows.every((row, index) => row === index)) return;
      await move(rows, room.capacity);
    },
    fork: async () => keep(parts, shared, await moved(allRows(), room.capacity)),
    [Symbol.dispose]: () => disposeAll(room.buffers),
  };
}

function lend(
  parts: readonly CachePart[],
  { allocate }: SharedMemory,
  capacity: number,
  batch: number,
): Pick<Room, 'buffers' | 'into'> | null {
  const buffers: Record<string, Value> = {};
  const into: Record<string, Value> = {};
  try {
    for (const { past, present, type, heads, headSize } of parts) {
      const value = allocate(type, [batch, heads, capacity, headSize]);
      if (!value) {
        disposeAll(buffers);
        return null;
      }
      buffers[past] = into[present] = value;
    }
  } catch (error) {
    disposeAll(buffers);
    throw error;
  }
  return { buffers, into };
}

function disposeAll(values: Readonly<Record<string, Value>>): void {
  for (const value of Object.values(values)) value[Symbol.dispose]();
}
