/** Does something a moment after any of several things changed, one at a time, the last one counts. */
import type { Store } from '../../../app/store.ts';

/**
 * Runs once at the beginning too.
 * @param run its signal is aborted when a newer one begins, and at the end
 * @returns ends it
 */
export function followChanges(
  stores: readonly Pick<Store<unknown>, 'subscribe'>[],
  pauseMs: number,
  run: (signal: AbortSignal) => Promise<void>,
): () => void {
  let controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      controller.abort();
      controller = new AbortController();
      void run(controller.signal);
    }, pauseMs);
  };
  const stops = stores.map((store) => store.subscribe(soon));
  soon();
  return () => {
    clearTimeout(timer);
    controller.abort();
    for (const stop of stops) stop();
  };
}
