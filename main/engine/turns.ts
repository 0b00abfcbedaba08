/** One at a time or a few, in the order of asking. */
import { StudioError } from '../../contract/errors.ts';

export interface Turns {
  /**
   * Waits for the turn; disposing the result ends it.
   * @throws {StudioError} `cancelled` if aborted while waiting
   */
  take(signal?: AbortSignal): Promise<Disposable>;
}

/** @param atOnce how many may have their turn at the same time */
export function createTurns(atOnce = 1): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];

  function begin(): Disposable {
    let ended = false;
    return {
      [Symbol.dispose]() {
        if (ended) return;
        ended = true;
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      },
    };
  }

  return {
    async take(signal) {
      if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
      if (running < atOnce) {
        running += 1;
        return begin();
      }
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const start = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve(begin());
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(new StudioError('cancelled', 'Cancelled.'));
      };
      waiting.push(start);
      signal?.addEventListener('abort', leave, { once: true });
      return promise;
    },
  };
}
