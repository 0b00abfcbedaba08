/**
 * Fields of a record that are edited in the window and kept by the studio.
 *
 * Promises: what is typed is on its way within a second, or at once with `flush`; a field that nobody touches here
 * follows what others write; what could not be saved stays typed and is tried again with the next change.
 */
import { createStore, type Store } from '../../../app/store.ts';

export interface PatchKeeper<T extends object> {
  /** What was typed and is not kept yet. */
  readonly patch: Store<Partial<T>>;
  /** Called with the fields that were changed; resolves with whether they are kept. */
  setSave(save: (changes: Partial<T>) => Promise<boolean>): void;
  change(changes: Partial<T>): void;
  flush(): void;
}

const saveDelayMs = 600;

export function createPatchKeeper<T extends object>(): PatchKeeper<T> {
  const patch = createStore<Partial<T>>({});
  let unsaved: Partial<T> = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let save: (changes: Partial<T>) => Promise<boolean> = async () => false;

  async function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const changes = unsaved;
    if (Object.keys(changes).length === 0) return;
    unsaved = {};
    if (await save(changes)) patch.set((now) => without(now, changes));
    else unsaved = { ...changes, ...unsaved };
  }

  return {
    patch,
    setSave(next) {
      save = next;
    },
    change(changes) {
      unsaved = { ...unsaved, ...changes };
      patch.set((now) => ({ ...now, ...changes }));
      timer ??= setTimeout(() => void send(), saveDelayMs);
    },
    flush: () => void send(),
  };
}

/** Fields that were changed again since. */
function without<T extends object>(patch: Partial<T>, saved: Partial<T>): Partial<T> {
  return Object.fromEntries(
    Object.entries(patch).filter(([key, value]) => !Object.is(value, saved[key as keyof T])),
  ) as Partial<T>;
}
