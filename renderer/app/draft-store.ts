/**
 * View state that survives a restart, kept by the studio under a draft key.
 *
 * Promises: what was edited before the stored value arrived wins over it; a failed save stays
 * unsaved and is tried again at the next edit, flush or reconnect; a stored value that no longer
 * fits the schema is left out, never an error.
 */
import type { z } from 'zod';
import type { Connection } from '../transport/connection.ts';
import { createStore, type Store } from './store.ts';

const saveDelayMs = 400;

export interface DraftStore<T> extends Store<T> {
  /** Resolves when the stored value was read, or could not be. */
  readonly loaded: Promise<void>;
  readonly isLoaded: Store<boolean>;
  /** Saves what is unsaved, now. */
  flush(): void;
}

export function createDraftStore<T>(
  connection: Connection,
  key: string,
  schema: z.ZodType<T>,
  initial: T,
): DraftStore<T> {
  const store = createStore(initial);
  const isLoaded = createStore(false);
  let unsaved = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let resolveLoaded: () => void = () => {};
  const loaded = new Promise<void>((resolve) => (resolveLoaded = resolve));

  function flush(): void {
    clearTimeout(timer);
    if (!unsaved || connection.state.get().phase !== 'connected') return;
    unsaved = false;
    connection.client['drafts.set']({ key, text: JSON.stringify(store.get()) }).catch(
      () => (unsaved = true),
    );
  }

  async function load(): Promise<void> {
    try {
      const { text } = await connection.client['drafts.get']({ key });
      const stored = text === null ? null : parse(schema, text);
      if (stored !== null && !unsaved) store.set(stored);
    } catch {
      // Read again at the next reconnect; until then the initial value stands.
      return;
    }
    isLoaded.set(true);
    resolveLoaded();
  }

  function onConnection(): void {
    if (connection.state.get().phase !== 'connected') return;
    if (!isLoaded.get()) void load();
    else flush();
  }
  connection.state.subscribe(onConnection);
  onConnection();
  globalThis.addEventListener?.('blur', flush);
  globalThis.addEventListener?.('pagehide', flush);

  return {
    get: store.get,
    subscribe: store.subscribe,
    set(next) {
      const before = store.get();
      store.set(next);
      if (Object.is(before, store.get())) return;
      unsaved = true;
      clearTimeout(timer);
      timer = setTimeout(flush, saveDelayMs);
    },
    loaded,
    isLoaded,
    flush,
  };
}

function parse<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
