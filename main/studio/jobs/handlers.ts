/** The queue's procedures. */
import type { StudioHandlers } from '../../../contract/studio.ts';
import type { Queue } from './queue.ts';

export function queueHandlers(
  queue: Queue,
): Pick<StudioHandlers, Extract<keyof StudioHandlers, `queue.${string}`>> {
  return {
    'queue.add': (request) => queue.add(request),
    'queue.watch': (_input, { signal }) => queue.watch(signal),
    'queue.previews': (_input, { signal }) => queue.previews(signal),
    'queue.cancel': async ({ id }) => {
      await queue.cancel(id);
      return {};
    },
    'queue.cancelAll': async () => {
      await queue.cancelAll();
      return {};
    },
    'queue.retry': ({ id }) => queue.retry(id),
    'queue.move': async ({ id, before }) => {
      await queue.move(id, before);
      return {};
    },
    'queue.remove': async ({ id }) => {
      await queue.remove(id);
      return {};
    },
    'queue.setPaused': async ({ paused }) => {
      await queue.setPaused(paused);
      return {};
    },
  };
}
