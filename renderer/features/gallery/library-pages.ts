/**
 * The pictures of the gallery, read page by page as far as someone looked.
 *
 * Promises: an answer to an older query is dropped; a rating or deletion shows at once and is taken
 * back if the studio refuses it; changes from elsewhere are merged without losing the place.
 */
import { imageIdAt, type ImageId } from '../../../contract/ids.ts';
import { libraryLimits, type ImageSummary, type LibraryChange } from '../../../contract/images.ts';
import { setRange } from '../../../contract/search/edit.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import { StudioError } from '../../../contract/errors.ts';
import { createStore, type Store } from '../../app/store.ts';
import type { Toasts } from '../../app/toasts.ts';

export interface PageQuery {
  readonly text: string;
  readonly minRating: number;
  readonly trashed: boolean;
}

interface ImagePage {
  readonly items: readonly ImageSummary[];
  readonly total: number;
  readonly cursor: string | null;
}

export interface LibraryState {
  readonly query: PageQuery;
  readonly items: readonly ImageSummary[];
  readonly total: number;
  /** Null once everything is loaded, and before the first page came. */
  readonly cursor: string | null;
  readonly status: 'untouched' | 'loading' | 'ready' | 'failed';
  readonly error: StudioError | null;
}

export interface LibraryPages {
  readonly state: Store<LibraryState>;
  /** Reads the first page unless that was done before. */
  open(): void;
  setQuery(change: Partial<PageQuery>): void;
  /** Reads on until this many pictures are there. */
  ensure(count: number): void;
  reload(): void;
  apply(change: LibraryChange): void;
  rate(ids: readonly ImageId[], rating: number): void;
  trash(ids: readonly ImageId[]): void;
  restore(ids: readonly ImageId[]): void;
}

const firstPage = 200;
const laterPage = 1_000;
/** More changed pictures than this are read as pages rather than one by one. */
const mostSingleReads = 20;

export function createLibraryPages(client: StudioClient, toasts: Toasts): LibraryPages {
  const state = createStore<LibraryState>({
    query: { text: '', minRating: 0, trashed: false },
    items: [],
    total: 0,
    cursor: null,
    status: 'untouched',
    error: null,
  });
  /** @param cursor the last picture that is known */
  async function readPage(
    { text, minRating, trashed }: PageQuery,
    cursor: string | null,
    limit: number,
  ): Promise<ImagePage> {
    const wish = minRating > 0 ? setRange(text, 'rating', String(minRating), null) : text;
    const { ids, total } = await client['images.index']({
      query: { text: wish, trashed },
      limit: cursor === null ? limit : null,
    });
    const all = Array.from({ length: ids.length / 16 }, (_, index) => imageIdAt(ids, index));
    const from = cursor === null ? 0 : all.indexOf(cursor) + 1;
    const chosen = all.slice(from, from + limit);
    const items: ImageSummary[] = [];
    for (let at = 0; at < chosen.length; at += libraryLimits.summaries) {
      const part = chosen.slice(at, at + libraryLimits.summaries);
      items.push(...(await client['images.summaries']({ ids: part })).summaries);
    }
    return { items, total, cursor: from + limit < total ? (chosen.at(-1) ?? null) : null };
  }

  /** Rises with every new query or reload: answers to older ones are dropped. */
  let generation = 0;
  let wanted = firstPage;
  let isReading = false;

  async function read(fromStart: boolean): Promise<void> {
    const own = fromStart ? ++generation : generation;
    isReading = true;
    let isFirst = fromStart;
    try {
      do {
        const page: ImagePage = await readPage(
          state.get().query,
          isFirst ? null : state.get().cursor,
          isFirst ? Math.min(laterPage, Math.max(firstPage, wanted)) : laterPage,
        );
        if (own !== generation) return;
        const before = isFirst ? [] : state.get().items;
        const known = new Set(before.map(({ id }) => id));
        const items = [...before, ...page.items.filter(({ id }) => !known.has(id))];
        state.set((current) => ({
          ...current,
          items,
          total: page.total,
          cursor: page.cursor,
          status: 'ready',
          error: null,
        }));
        isFirst = false;
      } while (state.get().cursor !== null && state.get().items.length < wanted);
    } catch (error) {
      if (own === generation)
        state.set((current) => ({ ...current, status: 'failed', error: StudioError.from(error) }));
    } finally {
      if (own === generation) isReading = false;
    }
  }

  function start(): void {
    state.set((current) => ({
      ...current,
      status: current.items.length > 0 ? 'ready' : 'loading',
    }));
    void read(true);
  }

  const remove = (ids: readonly ImageId[]) =>
    state.set((current) => {
      const items = current.items.filter(({ id }) => !ids.includes(id));
      return {
        ...current,
        items,
        total: Math.max(items.length, current.total - (current.items.length - items.length)),
      };
    });
  const merge = (changed: readonly ImageSummary[]) =>
    state.set((current) => {
      const byId = new Map(changed.map((summary) => [summary.id, summary]));
      return { ...current, items: current.items.map((item) => byId.get(item.id) ?? item) };
    });

  async function readAgain(ids: readonly ImageId[]): Promise<void> {
    const known = ids.filter((id) => state.get().items.some((item) => item.id === id));
    if (known.length > mostSingleReads) {
      pages.reload();
      return;
    }
    const own = generation;
    const details = await Promise.allSettled(known.map((id) => client['images.get']({ id })));
    if (own === generation)
      merge(details.flatMap((detail) => (detail.status === 'fulfilled' ? [detail.value] : [])));
  }

  async function prepend(): Promise<void> {
    const own = generation;
    const page = await readPage(state.get().query, null, firstPage);
    if (own !== generation) return;
    state.set((current) => {
      const known = new Set(current.items.map(({ id }) => id));
      const added = page.items.filter(({ id }) => !known.has(id));
      // With nothing in common, pictures in between may be missing.
      if (
        added.length === page.items.length &&
        current.items.length > 0 &&
        added.length === firstPage
      ) {
        queueMicrotask(pages.reload);
        return current;
      }
      return {
        ...current,
        items: [...added, ...current.items],
        total: page.total,
        cursor: current.items.length === 0 ? page.cursor : current.cursor,
        status: 'ready',
        error: null,
      };
    });
  }

  const pages: LibraryPages = {
    state,
    open() {
      if (state.get().status === 'untouched') start();
    },
    setQuery(change) {
      wanted = firstPage;
      state.set((current) => ({
        ...current,
        query: { ...current.query, ...change },
        items: [],
        total: 0,
        cursor: null,
      }));
      start();
    },
    ensure(count) {
      wanted = Math.max(wanted, count);
      const { cursor, items } = state.get();
      if (!isReading && cursor !== null && items.length < count) void read(false);
    },
    reload() {
      if (state.get().status === 'untouched') return;
      wanted = Math.max(firstPage, state.get().items.length);
      start();
    },
    apply(change) {
      const { status, query } = state.get();
      if (status === 'untouched') return;
      switch (change.kind) {
        case 'added':
          if (!query.trashed) prepend().catch(() => pages.reload());
          return;
        case 'changed':
          void readAgain(change.ids);
          return;
        case 'trashed':
        case 'restored':
          if ((change.kind === 'trashed') === query.trashed) pages.reload();
          else remove(change.ids);
          return;
        case 'albums':
        case 'analysed':
          return;
        case 'reset':
          pages.reload();
          return;
        default:
          change.kind satisfies never;
      }
    },
    rate(ids, rating) {
      const before = state.get().items.filter(({ id }) => ids.includes(id));
      merge(before.map((item) => ({ ...item, rating })));
      client['images.mark']({ ids: [...ids], change: { rating } }).catch((error: unknown) => {
        merge(before);
        toasts.fail(error);
      });
    },
    trash(ids) {
      remove(ids);
      const trashed = client['images.trash']({ ids: [...ids] });
      // Said at once: who undoes faster than the studio answers must not undo nothing.
      const message = toasts.say(
        ids.length === 1
          ? 'Picture moved to the trash'
          : `${ids.length} pictures moved to the trash`,
        () => trashed.then(() => client['images.restore']({ ids: [...ids] })),
      );
      trashed.catch((error: unknown) => {
        toasts.retract(message);
        toasts.fail(error);
        pages.reload();
      });
    },
    restore(ids) {
      remove(ids);
      client['images.restore']({ ids: [...ids] }).then(
        () => toasts.say(ids.length === 1 ? 'Picture restored' : `${ids.length} pictures restored`),
        (error: unknown) => {
          toasts.fail(error);
          pages.reload();
        },
      );
    },
  };
  return pages;
}
