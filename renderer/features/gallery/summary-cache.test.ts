import { describe, expect, it, vi } from 'vitest';
import type { ImageSummary } from '../../../contract/images.ts';
import { createSummaryCache } from './summary-cache.ts';

function pictureOf(id: string): ImageSummary {
  return {
    id,
    contentHash: 'a'.repeat(64),
    width: 1,
    height: 1,
    createdAt: 0,
    prompt: `picture ${id}`,
    rating: 0,
    flag: null,
    label: null,
    tagCount: 0,
    hasNote: false,
    format: 'png',
    source: 'drawn',
    url: '',
    thumbnailUrl: '',
    isSheet: false,
  };
}

/** Answers when it is told to. */
function slowStudio() {
  const asked: { ids: readonly string[]; signal: AbortSignal; answer: () => void }[] = [];
  const client = {
    'images.summaries': (
      { ids }: { ids: readonly string[] },
      options?: { readonly signal?: AbortSignal },
    ) => {
      const { promise, resolve, reject } = Promise.withResolvers<{ summaries: ImageSummary[] }>();
      const signal = options?.signal ?? new AbortController().signal;
      signal.addEventListener('abort', () => reject(new Error('Cancelled.')));
      asked.push({ ids, signal, answer: () => resolve({ summaries: ids.map(pictureOf) }) });
      return promise;
    },
  };
  return { asked, client };
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => String(from + at));

describe('what is known of the pictures in view', () => {
  it('is asked for in groups, the most urgent first', async () => {
    const { asked, client } = slowStudio();
    const cache = createSummaryCache(client);
    cache.want(range(0, 300));
    expect(asked.map(({ ids }) => ids.length)).toEqual([120, 120]);
    expect(asked[0]?.ids[0]).toBe('0');
    asked[0]?.answer();
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    expect(cache.get('7')?.prompt).toBe('picture 7');
    expect(asked[2]?.ids).toEqual(range(240, 300));
  });

  it('is not asked for any more once it was scrolled past', async () => {
    const { asked, client } = slowStudio();
    const cache = createSummaryCache(client);
    cache.want(range(0, 300));
    cache.want(range(1000, 1010));
    expect(asked.slice(0, 2).map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(asked[2]?.ids).toEqual(range(1000, 1010));
    asked[2]?.answer();
    await vi.waitFor(() => expect(cache.get('1000')).toBeDefined());
    expect(asked).toHaveLength(3);
  });

  it('is shown while it is read again', async () => {
    const { asked, client } = slowStudio();
    const cache = createSummaryCache(client);
    const changes = vi.fn();
    cache.subscribe('1', changes);
    cache.want(['1']);
    asked[0]?.answer();
    await vi.waitFor(() => expect(changes).toHaveBeenCalledTimes(1));
    cache.expire(['1']);
    expect(cache.get('1')).toBeDefined();
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    asked[1]?.answer();
    await vi.waitFor(() => expect(changes).toHaveBeenCalledTimes(2));
  });
});
