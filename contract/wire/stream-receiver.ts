/** Turns pushed items into an async iterator, giving credit back as they are consumed. */
import type { StudioError } from '../errors.ts';
import { initialCredit } from './frames.ts';

export interface StreamReceiver {
  readonly iterator: AsyncIterator<unknown>;
  push(item: unknown): void;
  end(): void;
  /** Items that arrived before are still delivered, then the error is thrown once. */
  fail(error: StudioError): void;
}

export interface StreamReceiverHooks {
  /** Called with the number of items consumed since it was last called. */
  consumed(items: number): void;
  /** The reader left before the end. */
  abandoned(): void;
}

interface Waiter {
  resolve(result: IteratorResult<unknown>): void;
  reject(error: StudioError): void;
}

export function createStreamReceiver(hooks: StreamReceiverHooks): StreamReceiver {
  const items: unknown[] = [];
  const waiters: Waiter[] = [];
  let finished: { readonly error: StudioError | null } | null = null;
  let unreported = 0;

  function countConsumed(): void {
    unreported += 1;
    // Half a window at a time: one credit frame for eight items, and the sender never runs dry.
    if (unreported >= initialCredit / 2 && !finished) {
      hooks.consumed(unreported);
      unreported = 0;
    }
  }

  function finish(error: StudioError | null): void {
    if (finished) return;
    finished = { error };
    for (const [index, waiter] of waiters.splice(0).entries()) {
      if (error && index === 0) {
        finished = { error: null };
        waiter.reject(error);
      } else waiter.resolve({ done: true, value: undefined });
    }
  }

  return {
    push(item) {
      if (finished) return;
      const waiter = waiters.shift();
      if (waiter) {
        countConsumed();
        waiter.resolve({ done: false, value: item });
      } else items.push(item);
    },
    end: () => finish(null),
    fail: finish,
    iterator: {
      next() {
        if (items.length > 0) {
          const value = items.shift();
          countConsumed();
          return Promise.resolve({ done: false, value });
        }
        if (finished?.error) {
          const { error } = finished;
          finished = { error: null };
          return Promise.reject(error);
        }
        if (finished) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
      },
      return() {
        items.length = 0;
        if (!finished) {
          finish(null);
          hooks.abandoned();
        }
        return Promise.resolve({ done: true, value: undefined });
      },
    },
  };
}
