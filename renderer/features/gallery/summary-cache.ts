/**
 * What is known of the pictures in view: asked for in groups, what is looked at first.
 *
 * Promises: what was scrolled past before it was asked for is not asked for, and a request none of
 * whose pictures is wanted any more is cancelled; what is known is shown while it is read again.
 */
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageSummary } from '../../../contract/images.ts';
import type { StudioClient } from '../../../contract/studio.ts';

export interface SummaryCache {
  get(id: ImageId): ImageSummary | undefined;
  /** @returns stops listening */
  subscribe(id: ImageId, listener: () => void): () => void;
  /** In place of what was wanted before. @param ids the most urgent first */
  want(ids: readonly ImageId[]): void;
  /** Waits for those that are not known yet. @param ids at most `libraryLimits.summaries` */
  read(ids: readonly ImageId[]): Promise<(ImageSummary | undefined)[]>;
  /** They may be others now. */
  expire(ids: readonly ImageId[]): void;
  expireAll(): void;
  /** Shows a change before the studio confirmed it. */
  patch(ids: readonly ImageId[], change: (summary: ImageSummary) => ImageSummary): void;
}

const mostAtOnce = 120;
const mostRequests = 2;
/** About 20 MB; those looked at longest ago go first. */
const mostKept = 20_000;

export function createSummaryCache(client: Pick<StudioClient, 'images.summaries'>): SummaryCache {
  const known = new Map<ImageId, ImageSummary>();
  const expired = new Set<ImageId>();
  const listeners = new Map<ImageId, Set<() => void>>();
  const requests = new Set<{
    readonly ids: ReadonlySet<ImageId>;
    readonly abort: AbortController;
  }>();
  let wanted: readonly ImageId[] = [];

  const tell = (id: ImageId) => listeners.get(id)?.forEach((listener) => listener());
  const isNeeded = (id: ImageId) => !known.has(id) || expired.has(id);

  function keep(summaries: readonly ImageSummary[]): void {
    for (const summary of summaries) {
      known.delete(summary.id);
      known.set(summary.id, summary);
      expired.delete(summary.id);
      tell(summary.id);
    }
    for (const id of known.keys()) {
      if (known.size <= mostKept) break;
      if (!listeners.has(id)) known.delete(id);
    }
  }

  async function ask(ids: readonly ImageId[]): Promise<void> {
    const request = { ids: new Set(ids), abort: new AbortController() };
    requests.add(request);
    try {
      const { signal } = request.abort;
      const { summaries } = await client['images.summaries']({ ids: [...ids] }, { signal });
      keep(summaries);
    } catch {
      // Cancelled, or the connection broke: whoever still looks at them asks again.
    } finally {
      requests.delete(request);
      if (!request.abort.signal.aborted) pump();
    }
  }

  /** Pictures that the studio does not know are asked for once for every wish. */
  let asked = new Set<ImageId>();
  function pump(): void {
    while (requests.size < mostRequests) {
      const next = wanted.filter((id) => isNeeded(id) && !asked.has(id)).slice(0, mostAtOnce);
      if (next.length === 0) return;
      for (const id of next) asked.add(id);
      void ask(next);
    }
  }

  return {
    get: (id) => known.get(id),
    subscribe(id, listener) {
      const own = listeners.get(id) ?? new Set();
      own.add(listener);
      listeners.set(id, own);
      return () => {
        own.delete(listener);
        if (own.size === 0) listeners.delete(id);
      };
    },
    want(ids) {
      wanted = ids;
      const now = new Set(ids);
      for (const request of requests) {
        if ([...request.ids].some((id) => now.has(id))) continue;
        request.abort.abort();
        requests.delete(request);
      }
      asked = new Set([...requests].flatMap((request) => [...request.ids]));
      pump();
    },
    async read(ids) {
      const missing = ids.filter(isNeeded);
      if (missing.length > 0) keep((await client['images.summaries']({ ids: missing })).summaries);
      return ids.map((id) => known.get(id));
    },
    expire(ids) {
      for (const id of ids) {
        if (listeners.has(id)) expired.add(id);
        else known.delete(id);
        asked.delete(id);
      }
      pump();
    },
    expireAll() {
      for (const id of known.keys()) {
        if (listeners.has(id)) expired.add(id);
        else known.delete(id);
      }
      asked = new Set();
      pump();
    },
    patch(ids, change) {
      for (const id of ids) {
        const summary = known.get(id);
        if (!summary) continue;
        known.set(id, change(summary));
        tell(id);
      }
    },
  };
}
