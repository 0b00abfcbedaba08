/**
 * The pictures of the gallery: all that a query finds, and every change of them.
 *
 * Promises: an answer to an older query is dropped; a mark, deletion or move shows at once and is
 * taken back if the studio refuses it; every change is one step of undo; changes from elsewhere keep the
 * place of the keyboard.
 */
import type { ImageId } from '../../../contract/ids.ts';
import {
  everyImage,
  type ImageQuery,
  type LibraryChange,
  type MarkChange,
} from '../../../contract/images.ts';
import type { SearchProblem } from '../../../contract/search/problems.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import { StudioError } from '../../../contract/errors.ts';
import { createStore, type Store } from '../../app/store.ts';
import type { Toasts } from '../../app/toasts.ts';
import { selectionAfterChange, type GallerySelection } from './gallery-selection.ts';
import { countOf, describeMarks } from './mark-sentences.ts';
import { createPictureIndex, noPictures, type PictureIndex } from './picture-index.ts';
import { createSummaryCache, type SummaryCache } from './summary-cache.ts';

export interface LibraryState {
  readonly query: ImageQuery;
  readonly index: PictureIndex;
  /** What in the search was not understood. */
  readonly problems: readonly SearchProblem[];
  readonly status: 'untouched' | 'loading' | 'ready' | 'failed';
  readonly error: StudioError | null;
}

export interface GalleryLibrary {
  readonly state: Store<LibraryState>;
  readonly summaries: SummaryCache;
  /** Reads the pictures unless that was done before. */
  open(): void;
  /** Changes the query in part. */
  setQuery(change: Partial<ImageQuery>): void;
  /** Another query altogether: what is not named is as in `everyImage`, but for the order. */
  show(query: Partial<ImageQuery>): void;
  reload(): void;
  apply(change: LibraryChange): void;
  mark(ids: readonly ImageId[], change: MarkChange): void;
  trash(ids: readonly ImageId[]): void;
  restore(ids: readonly ImageId[]): void;
  /** Puts pictures of the album that is shown before another of it, or at its end. */
  moveInAlbum(ids: readonly ImageId[], before: ImageId | null): void;
  /**
   * Does anything else that can be taken back, and says so.
   * @param text what was done, such as "Album removed"
   * @returns whether it succeeded
   */
  change(text: string, act: () => Promise<{ readonly changeId: string }>): Promise<boolean>;
  /** The same for what shows by itself: only its undo tells of it. */
  quietChange(text: string, act: () => Promise<{ readonly changeId: string }>): Promise<boolean>;
}

/** Changes that follow each other faster than this are read together. */
const reloadDelayMs = 120;
/** Pictures are looked at in the background, a few at a time, and have their thumbnails by then. */
const coloursDelayMs = 5000;
/** Terms that depend on what was seen in pictures. */
const ofAnalysis = /colou?r|duplicate/i;

export function createGalleryLibrary(
  client: StudioClient,
  toasts: Toasts,
  selection: Store<GallerySelection>,
): GalleryLibrary {
  const summaries = createSummaryCache(client);
  const state = createStore<LibraryState>({
    query: everyImage,
    index: noPictures,
    problems: [],
    status: 'untouched',
    error: null,
  });
  let reading: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let colourTimer: ReturnType<typeof setTimeout> | undefined;
  /** Moves that the studio has not confirmed: until then it may answer without them. */
  let moves = 0;

  function setIndex(index: PictureIndex): void {
    const before = state.get().index;
    selection.set((now) => selectionAfterChange(now, before, index));
    state.set((current) => ({ ...current, index }));
  }

  async function read(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    reading?.abort();
    const own = new AbortController();
    reading = own;
    try {
      const { query } = state.get();
      const answer = await client['images.index']({ query }, { signal: own.signal });
      if (reading !== own) return;
      if (moves > 0) {
        readSoon();
        return;
      }
      state.set((current) => ({
        ...current,
        problems: answer.problems,
        status: 'ready',
        error: null,
      }));
      setIndex(createPictureIndex(answer));
    } catch (error) {
      if (reading === own)
        state.set((current) => ({ ...current, status: 'failed', error: StudioError.from(error) }));
    }
  }

  const readSoon = () => {
    timer ??= setTimeout(() => void read(), reloadDelayMs);
  };
  const readColours = () => {
    colourTimer ??= setTimeout(() => {
      colourTimer = undefined;
      readSoon();
    }, coloursDelayMs);
  };

  function start(query: ImageQuery): void {
    state.set((current) => ({
      ...current,
      query,
      // What was found before stays in view until the answer is there, unless there was nothing.
      status: current.index.count > 0 ? 'ready' : 'loading',
    }));
    void read();
  }

  /** Every change can be taken back, and that in turn. */
  function reversible(changed: Promise<{ readonly changeId: string }>) {
    let last = changed;
    const revert = () => {
      last = last.then(({ changeId }) => client['library.revert']({ changeId }));
      return last;
    };
    return { undo: revert, redo: revert };
  }

  const library: GalleryLibrary = {
    state,
    summaries,
    open() {
      if (state.get().status === 'untouched') start(state.get().query);
    },
    setQuery: (change) => start({ ...state.get().query, ...change }),
    show(query) {
      const { order } = state.get().query;
      const kept = order === 'similar' || order === 'album' ? everyImage.order : order;
      start({ ...everyImage, order: kept, ...query });
    },
    reload() {
      if (state.get().status === 'untouched') return;
      summaries.expireAll();
      start(state.get().query);
    },
    apply({ kind, ids }) {
      if (state.get().status === 'untouched') return;
      const { query } = state.get();
      switch (kind) {
        case 'changed':
          summaries.expire(ids);
          // Whether it still matches, and where it stands, may depend on what changed.
          if (!isEveryImage(query) || query.order === 'rating') readSoon();
          return;
        case 'analysed':
          if (query.like !== null || ofAnalysis.test(query.text)) readSoon();
          else if (state.get().index.lacksColours) readColours();
          return;
        case 'albums':
          if (query.album !== null || query.text !== '') readSoon();
          return;
        case 'added':
        case 'trashed':
        case 'restored':
          readSoon();
          return;
        case 'reset':
          library.reload();
          return;
        default:
          kind satisfies never;
      }
    },
    mark(ids, change) {
      const before = ids.flatMap((id) => summaries.get(id) ?? []);
      const { rating, flag, label, note } = change;
      summaries.patch(ids, (summary) => ({
        ...summary,
        ...(rating === undefined ? {} : { rating }),
        ...(flag === undefined ? {} : { flag }),
        ...(label === undefined ? {} : { label }),
        ...(note === undefined ? {} : { hasNote: note !== '' }),
      }));
      const marked = client['images.mark']({ ids: [...ids], change });
      const { undo, redo } = reversible(marked);
      const text = describeMarks(change, ids.length);
      // A message for every star would bury the pictures; many at once deserve one.
      const message =
        ids.length > 1 ? toasts.say(text, undo, redo) : toasts.remember(text, undo, redo);
      marked.catch((error: unknown) => {
        const known = new Map(before.map((summary) => [summary.id, summary]));
        summaries.patch(ids, (summary) => known.get(summary.id) ?? summary);
        toasts.retract(message);
        toasts.fail(error);
      });
    },
    trash(ids) {
      setIndex(state.get().index.without(new Set(ids)));
      const trashed = client['images.trash']({ ids: [...ids] });
      const { undo, redo } = reversible(trashed);
      // Said at once: who undoes faster than the studio answers must not undo nothing.
      const message = toasts.say(`${countOf(ids.length)} moved to the trash`, undo, redo);
      trashed.catch((error: unknown) => {
        toasts.retract(message);
        toasts.fail(error);
        library.reload();
      });
    },
    restore(ids) {
      setIndex(state.get().index.without(new Set(ids)));
      const restored = client['images.restore']({ ids: [...ids] });
      const { undo, redo } = reversible(restored);
      const message = toasts.say(`${countOf(ids.length)} restored`, undo, redo);
      restored.catch((error: unknown) => {
        toasts.retract(message);
        toasts.fail(error);
        library.reload();
      });
    },
    moveInAlbum(ids, before) {
      const { album } = state.get().query;
      if (album === null) return;
      reading?.abort();
      reading = null;
      setIndex(state.get().index.moved(ids, before));
      moves += 1;
      void library
        .quietChange(`${countOf(ids.length)} moved in the album`, () =>
          client['albums.moveImages']({ id: album, ids: [...ids], before }),
        )
        .then((isMoved) => {
          moves -= 1;
          if (!isMoved) readSoon();
        });
    },
    async change(text, act) {
      const changed = act();
      if (!(await toasts.watch(changed))) return false;
      const { undo, redo } = reversible(changed);
      toasts.say(text, undo, redo);
      return true;
    },
    async quietChange(text, act) {
      const changed = act();
      const { undo, redo } = reversible(changed);
      const message = toasts.remember(text, undo, redo);
      if (await toasts.watch(changed)) return true;
      toasts.retract(message);
      return false;
    },
  };
  return library;
}

/** Whether a query leaves nothing out; the order does not matter. */
export function isEveryImage({ text, trashed, album, like }: ImageQuery): boolean {
  return text.trim() === '' && !trashed && album === null && like === null;
}
