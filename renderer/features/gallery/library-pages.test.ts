import { describe, expect, it, vi } from 'vitest';
import { StudioError } from '../../../contract/errors.ts';
import { imagesContract, type ImageQuery, type ImageSummary } from '../../../contract/images.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { studioContract } from '../../../contract/studio.ts';
import { createClient } from '../../../contract/wire/client.ts';
import { createLocalTransportPair } from '../../../contract/wire/local-transport.ts';
import { serve } from '../../../contract/wire/server.ts';
import { createToasts } from '../../app/toasts.ts';
import { createLibraryPages } from './library-pages.ts';

const served = {
  'images.index': imagesContract['images.index'],
  'images.summaries': imagesContract['images.summaries'],
  'images.mark': imagesContract['images.mark'],
  'images.trash': imagesContract['images.trash'],
  'images.restore': imagesContract['images.restore'],
};

function picture(number: number): ImageSummary {
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    contentHash: 'a'.repeat(64),
    width: 256,
    height: 256,
    createdAt: number,
    prompt: number % 2 === 0 ? `a cat ${number}` : `a dog ${number}`,
    rating: 0,
    url: `/asset/${number}`,
    thumbnailUrl: `/asset/${number}`,
    isSheet: false,
    flag: null,
    label: null,
    tagCount: 0,
    hasNote: false,
    format: 'png',
    source: 'drawn',
  };
}

/** The other end of the wire: so many pictures, newest first, answered after `delayMs` of the query. */
function libraryOf(count: number, delayMs: (query: ImageQuery) => number = () => 0) {
  let kept = Array.from({ length: count }, (_, index) => picture(count - index));
  let trashed: ImageSummary[] = [];
  const refusal = { error: null as StudioError | null };
  const handlers: Handlers<typeof served> = {
    async 'images.index'({ query, limit }) {
      await new Promise((resolve) => setTimeout(resolve, delayMs(query)));
      const all = (query.trashed ? trashed : kept).filter(({ prompt }) =>
        prompt.includes(query.text),
      );
      const hex = all
        .slice(0, limit ?? all.length)
        .map(({ id }) => id.replaceAll('-', ''))
        .join('');
      const bytes = hex.match(/../g) ?? [];
      return {
        version: 1,
        total: all.length,
        ids: Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)),
        sizes: new Uint8Array(),
        problems: [],
      };
    },
    async 'images.summaries'({ ids }) {
      const all = [...kept, ...trashed];
      return { summaries: ids.flatMap((id) => all.find((item) => item.id === id) ?? []) };
    },
    async 'images.mark'({ ids, change: { rating = 0 } }) {
      if (refusal.error) throw refusal.error;
      kept = kept.map((item) => (ids.includes(item.id) ? { ...item, rating } : item));
      return { changeId: picture(3).id };
    },
    async 'images.trash'({ ids }) {
      if (refusal.error) throw refusal.error;
      trashed = kept.filter(({ id }) => ids.includes(id));
      kept = kept.filter(({ id }) => !ids.includes(id));
      return { changeId: picture(1).id };
    },
    async 'images.restore'({ ids }) {
      kept = [...trashed.filter(({ id }) => ids.includes(id)), ...kept];
      // As the studio tells every window.
      pages.apply({ kind: 'restored', ids });
      return { changeId: picture(2).id };
    },
  };
  const [near, far] = createLocalTransportPair();
  serve(served, handlers, far);
  const toasts = createToasts();
  const pages = createLibraryPages(createClient(studioContract, near), toasts);
  const add = (number: number) => {
    kept = [picture(number), ...kept];
    pages.apply({ kind: 'added', ids: [picture(number).id] });
  };
  return { pages, toasts, refusal, add };
}

describe('the pictures of the gallery', () => {
  it('are read a page at a time, as far as someone looked', async () => {
    const { pages } = libraryOf(5_000);
    pages.open();
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(200));
    expect(pages.state.get().total).toBe(5_000);
    pages.ensure(2_500);
    await vi.waitFor(() => expect(pages.state.get().items.length).toBeGreaterThanOrEqual(2_500));
    const { items } = pages.state.get();
    expect(items.length).toBeLessThan(5_000);
    expect(items.map(({ createdAt }) => createdAt)).toEqual(items.map((_, index) => 5_000 - index));
  });

  it('are those of the last search, however late an earlier answer comes', async () => {
    const { pages } = libraryOf(40, ({ text }) => (text === 'cat' ? 60 : 5));
    pages.open();
    pages.setQuery({ text: 'cat' });
    pages.setQuery({ text: 'dog' });
    await new Promise((resolve) => setTimeout(resolve, 120));
    const { items, total } = pages.state.get();
    expect(total).toBe(20);
    expect(items.every(({ prompt }) => prompt.includes('dog'))).toBe(true);
  });

  it('get a new picture in front, without being read again', async () => {
    const { pages, add } = libraryOf(300);
    pages.open();
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(200));
    add(301);
    await vi.waitFor(() => expect(pages.state.get().items[0]?.createdAt).toBe(301));
    expect(pages.state.get()).toMatchObject({ total: 301, cursor: picture(101).id });
    expect(pages.state.get().items.length).toBe(201);
  });

  it('lose no picture and show none twice when one is added before the next page is read', async () => {
    const { pages, add } = libraryOf(300);
    pages.open();
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(200));
    add(301);
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(201));
    pages.ensure(301);
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(301));
    expect(new Set(pages.state.get().items.map(({ id }) => id)).size).toBe(301);
  });

  it('show a rating at once and take it back when it is refused', async () => {
    const { pages, toasts, refusal } = libraryOf(3);
    pages.open();
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(3));
    refusal.error = new StudioError(
      'library-read-only',
      'The library folder cannot be written to.',
    );
    pages.rate([picture(3).id], 5);
    expect(pages.state.get().items[0]?.rating).toBe(5);
    await vi.waitFor(() => expect(pages.state.get().items[0]?.rating).toBe(0));
    expect(toasts.list.get()[0]).toMatchObject({
      kind: 'error',
      text: 'The library folder cannot be written to.',
    });
  });

  it('are gone at once when deleted and back after undo', async () => {
    const { pages, toasts } = libraryOf(3);
    pages.open();
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(3));
    pages.trash([picture(2).id]);
    expect(pages.state.get()).toMatchObject({ total: 2 });
    // Faster than the studio can have answered.
    expect(toasts.undoLast()).toBe(true);
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(3));
    expect(toasts.undoLast()).toBe(false);
  });

  it('come back when deleting them failed', async () => {
    const { pages, toasts, refusal } = libraryOf(3);
    pages.open();
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(3));
    refusal.error = new StudioError('disk-full', 'The disk is full.');
    pages.trash([picture(3).id]);
    await vi.waitFor(() => expect(pages.state.get().items.length).toBe(3));
    expect(toasts.undoLast()).toBe(false);
    expect(toasts.list.get()).toMatchObject([{ kind: 'error', text: 'The disk is full.' }]);
  });
});
