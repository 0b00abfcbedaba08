/**
 * One publisher, many readers, each at its own pace.
 *
 * `latest`  a reader that falls behind sees only the newest value; starts with the current one.
 * `every`   a reader sees every value published since it began, up to a bound, then loses the oldest.
 *
 * Readers end when their signal aborts; nothing is held for a reader that left.
 */
export interface Broadcast<T> {
  publish(value: T): void;
  subscribe(signal: AbortSignal): AsyncIterable<T>;
}

const everyBound = 1000;

interface Reader<T> {
  readonly queue: T[];
  wake: (() => void) | null;
}

/** @param current what a new reader gets first; undefined for nothing */
export function createLatestBroadcast<T>(current: () => T | undefined): Broadcast<T> {
  return createBroadcast(1, current);
}

export function createEveryBroadcast<T>(): Broadcast<T> {
  return createBroadcast<T>(everyBound, () => undefined);
}

function createBroadcast<T>(bound: number, current: () => T | undefined): Broadcast<T> {
  const readers = new Set<Reader<T>>();

  return {
    publish(value) {
      for (const reader of readers) {
        reader.queue.push(value);
        if (reader.queue.length > bound) reader.queue.shift();
        reader.wake?.();
      }
    },
    async *subscribe(signal) {
      const reader: Reader<T> = { queue: [], wake: null };
      const onAbort = () => reader.wake?.();
      const first = current();
      if (first !== undefined) reader.queue.push(first);
      readers.add(reader);
      signal.addEventListener('abort', onAbort);
      try {
        while (!signal.aborted) {
          const value = reader.queue.shift();
          if (value !== undefined) {
            yield value;
            continue;
          }
          await new Promise<void>((resolve) => (reader.wake = resolve));
          reader.wake = null;
        }
      } finally {
        readers.delete(reader);
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
