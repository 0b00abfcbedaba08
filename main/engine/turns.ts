/** One at a time, in the order of asking. */
import { StudioError } from '../../contract/errors.ts';

export interface Turns {
  /**
   * Waits for the turn; disposing the result ends it.
   * @throws {StudioError} `cancelled` if aborted while waiting
   */
  take(signal: AbortSignal): Promise<Disposable>;
}

export function createTurns(): Turns {
  let busy = false;
  const waiting: (() => void)[] = [];

  function begin(): Disposable {
    let ended = false;
    return {
      [Symbol.dispose]() {
        if (ended) return;
        ended = true;
        const next = waiting.shift();
        if (next) next();
        else busy = false;
      },
    };
  }

  return {
    async take(signal) {
      if (signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
      if (!busy) {
        busy = true;
        return begin();
      }
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const start = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(begin());
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(new StudioError('cancelled', 'Cancelled.'));
      };
      waiting.push(start);
      signal.addEventListener('abort', leave, { once: true });
      return promise;
    },
  };
}
