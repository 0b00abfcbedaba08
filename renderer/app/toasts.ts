/** Short messages at the edge of the window; the newest that can be undone is what ⌘/Ctrl+Z undoes. */
import { StudioError } from '../../contract/errors.ts';
import { createStore, type Store } from './store.ts';

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'error';
  readonly text: string;
  /** Shown by "Copy details"; null where there is nothing more to say. */
  readonly details: string | null;
  readonly undo: (() => Promise<unknown>) | null;
}

export interface Toasts {
  readonly list: Store<readonly Toast[]>;
  say(text: string, undo?: () => Promise<unknown>): void;
  fail(error: unknown): void;
  dismiss(id: number): void;
  /** @returns false when there is nothing to undo */
  undoLast(): boolean;
  /** Waits for an action and reports its failure; success is silent. @returns whether it succeeded */
  watch(action: Promise<unknown>): Promise<boolean>;
}

const mostShown = 4;

export function createToasts(): Toasts {
  const list = createStore<readonly Toast[]>([]);
  let nextId = 1;
  const add = (toast: Omit<Toast, 'id'>) =>
    list.set((shown) => [...shown.filter((other) => other.text !== toast.text), { ...toast, id: nextId++ }].slice(-mostShown));

  const toasts: Toasts = {
    list,
    say: (text, undo) => add({ kind: 'done', text, details: null, undo: undo ?? null }),
    fail(thrown) {
      const error = StudioError.from(thrown);
      if (error.code === 'cancelled') return;
      add({ kind: 'error', text: error.message, details: describeError(error), undo: null });
    },
    dismiss: (id) => list.set((shown) => shown.filter((toast) => toast.id !== id)),
    undoLast() {
      const last = list.get().findLast((toast) => toast.undo !== null);
      if (!last?.undo) return false;
      toasts.dismiss(last.id);
      void toasts.watch(last.undo());
      return true;
    },
    async watch(action) {
      try {
        await action;
        return true;
      } catch (error) {
        toasts.fail(error);
        return false;
      }
    },
  };
  return toasts;
}

/** Everything about an error that helps someone else understand it, as plain text. */
export function describeError(error: { code: string; message: string; details?: unknown }): string {
  const details = error.details === undefined ? '' : `\n${JSON.stringify(error.details, null, 2)}`;
  return `${error.code}: ${error.message}${details}`;
}
