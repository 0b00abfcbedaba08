import { describe, expect, it, vi } from 'vitest';
import { StudioError } from '../../../contract/errors.ts';
import { imagesContract, type ImageSummary } from '../../../contract/images.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { studioContract } from '../../../contract/studio.ts';
import { createClient } from '../../../contract/wire/client.ts';
import { createLocalTransportPair } from '../../../contract/wire/local-transport.ts';
import { serve } from '../../../contract/wire/server.ts';
import { createStore } from '../../app/store.ts';
import { createToasts } from '../../app/toasts.ts';
import { createGalleryLibrary } from './gallery-library.ts';
import { chooseOne, emptySelection, type GallerySelection } from './gallery-selection.ts';

const served = {
  'images.index': imagesContract['images.index'],
  'images.summaries': imagesContract['images.summaries'],
  'images.mark': imagesContract['images.mark'],
  'images.trash': imagesContract['images.trash'],
  'library.revert': imagesContract['library.revert'],
};

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

function pictureOf(number: number): ImageSummary {
  return {
    id: idOf(number),
    contentHash: 'a'.repeat(64),
    width: 256,
    height: 256,
    createdAt: number,
    prompt: number % 2 === 0 ? `a cat ${number}` : `a dog ${number}`,
    rating: 0,
    flag: null,
    label: null,
    tagCount: 0,
    hasNote: false,
    format: 'png',
    source: 'drawn',
    url: `/asset/${number}`,
    thumbnailUrl: `/asset/${number}`,
    isSheet: false,
  };
}

/** The other end of the wire: so many pictures, answered after a delay that depends on the text. */
function libraryOf(count: number, delayMs: (text: string) => number = () => 0) {
  let kept = Array.from({ length: count }, (_, at) => pictureOf(count - at));
  const undos = new Map<string, () => void>();
  const refusal = { error: null as StudioError | null };
  const change = (undo: () => void) => {
    const changeId = crypto.randomUUID();
    undos.set(changeId, undo);
    return { changeId };
  };
  const setKept = (next: ImageSummary[]) => {
    const before = kept;
    kept = next;
    const revert = (): { changeId: string } => {
      const after = kept;
      kept = before;
      return change(() => (kept = after));
    };
    return change(revert);
  };
  const handlers: Handlers<typeof served> = {
    async 'images.index'({ query }) {
      await new Promise((resolve) => setTimeout(resolve, delayMs(query.text)));
      const found = kept.filter(({ prompt }) => prompt.includes(query.text));
      const bytes = found.flatMap(({ id }) =>
        (id.replaceAll('-', '').match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)),
      );
      const sizes = new Uint16Array(found.flatMap(({ width, height }) => [width, height]));
      return {
        version: 1,
        total: found.length,
        ids: new Uint8Array(bytes),
        sizes: new Uint8Array(sizes.buffer),
        colours: new Uint8Array(found.length * 4),
        problems: [],
      };
    },
    'images.summaries': async ({ ids }) => ({
      summaries: ids.flatMap((id) => kept.find((picture) => picture.id === id) ?? []),
    }),
    async 'images.mark'({ ids, change: { rating } }) {
      if (refusal.error) throw refusal.error;
      return setKept(
        kept.map((item) =>
          ids.includes(item.id) && rating !== undefined ? { ...item, rating } : item,
        ),
      );
    },
    async 'images.trash'({ ids }) {
      if (refusal.error) throw refusal.error;
      return setKept(kept.filter(({ id }) => !ids.includes(id)));
    },
    async 'library.revert'({ changeId }) {
      undos.get(changeId)?.();
      library.apply({ kind: 'reset', ids: [] });
      return { changeId: [...undos.keys()].at(-1) ?? '' };
    },
  };
  const [near, far] = createLocalTransportPair();
  serve(served, handlers, far);
  const toasts = createToasts();
  const selection = createStore<GallerySelection>(emptySelection);
  const library = createGalleryLibrary(createClient(studioContract, near), toasts, selection);
  const places = () => library.state.get().index.slice(0, count);
  return {
    library,
    selection,
    toasts,
    refusal,
    places,
    ready: (length: number) => vi.waitFor(() => expect(places()).toHaveLength(length)),
  };
}

describe('the pictures of the gallery', () => {
  it('are all there at once, and known where someone looks', async () => {
    const { library, places, ready } = libraryOf(300);
    library.open();
    await ready(300);
    library.summaries.want(places().slice(0, 5));
    await vi.waitFor(() => expect(library.summaries.get(idOf(300))?.prompt).toBe('a cat 300'));
    expect(library.summaries.get(idOf(1))).toBeUndefined();
  });

  it('drop the answer to an older query', async () => {
    const { library, ready } = libraryOf(10, (text) => (text === 'cat' ? 60 : 5));
    library.open();
    await ready(10);
    library.setQuery({ text: 'cat' });
    library.setQuery({ text: 'dog 1' });
    await ready(1);
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(library.state.get().index.idAt(0)).toBe(idOf(1));
  });

  it('show a mark at once, and take it back if the studio refuses', async () => {
    const { library, toasts, refusal, places, ready } = libraryOf(4);
    library.open();
    await ready(4);
    await library.summaries.read(places());
    library.mark(places().slice(0, 2), { rating: 4 });
    expect(library.summaries.get(idOf(4))?.rating).toBe(4);
    expect(toasts.list.get()[0]?.text).toBe('2 pictures rated 4 stars');
    refusal.error = new StudioError('disk-full', 'The disk is full.');
    library.mark([idOf(1)], { rating: 5 });
    expect(library.summaries.get(idOf(1))?.rating).toBe(5);
    await vi.waitFor(() => expect(library.summaries.get(idOf(1))?.rating).toBe(0));
    expect(toasts.list.get().at(-1)).toMatchObject({ kind: 'error', text: 'The disk is full.' });
  });

  it('go and come back in one step, and the keyboard goes on beside them', async () => {
    const { library, selection, toasts, ready } = libraryOf(6);
    library.open();
    await ready(6);
    selection.set(chooseOne(idOf(4)));
    library.trash([idOf(4), idOf(3)]);
    expect(library.state.get().index.count).toBe(4);
    expect(selection.get().focused).toBe(idOf(2));
    toasts.undoLast();
    await ready(6);
  });

  it('stay while a change is read, so that nothing blinks', async () => {
    const { library, places, ready } = libraryOf(5, () => 20);
    library.open();
    await ready(5);
    library.apply({ kind: 'added', ids: [] });
    expect(places()).toHaveLength(5);
    expect(library.state.get().status).toBe('ready');
  });
});
