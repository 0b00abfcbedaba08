/** Short messages at the edge of the window. What they offer to undo ⌘/Ctrl+Z undoes even after they are gone. */
import { StudioError } from '../../contract/errors.ts';
import { createStore, type Store } from './store.ts';

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'error';
  readonly text: string;
  /** Shown by "Copy details"; null where there is nothing more to say. */
  readonly details: string | null;
  readonly canUndo: boolean;
}

export interface Toasts {
  readonly list: Store<readonly Toast[]>;
  /** @returns the message's id, to take it back with */
  say(text: string, undo?: () => Promise<unknown>): number;
  /** Takes a message and what it offers back: what it told of did not happen. */
  retract(id: number): void;
  fail(error: unknown): void;
  dismiss(id: number): void;
  /** Undoes what a message told of. */
  undo(id: number): void;
  /** @returns false when there is nothing to undo */
  undoLast(): boolean;
  /** Waits for an action and reports its failure; success is silent. @returns whether it succeeded */
  watch(action: Promise<unknown>): Promise<boolean>;
}

const mostShown = 4;
const mostUndos = 50;

export function createToasts(): Toasts {
  const list = createStore<readonly Toast[]>([]);
  let nextId = 1;
  let undos: readonly { readonly id: number; readonly run: () => Promise<unknown> }[] = [];
  const add = (toast: Omit<Toast, 'id'>): number => {
    const id = nextId++;
    list.set((shown) =>
      [...shown.filter((other) => other.text !== toast.text), { ...toast, id }].slice(-mostShown),
    );
    return id;
  };

  const toasts: Toasts = {
    list,
    say(text, undo) {
      const id = add({ kind: 'done', text, details: null, canUndo: undo !== undefined });
      if (undo) undos = [...undos, { id, run: undo }].slice(-mostUndos);
      return id;
    },
    retract(id) {
      undos = undos.filter((entry) => entry.id !== id);
      toasts.dismiss(id);
    },
    fail(thrown) {
      const error = StudioError.from(thrown);
      if (error.code === 'cancelled') return;
      add({ kind: 'error', text: error.message, details: describeError(error), canUndo: false });
    },
    dismiss: (id) => list.set((shown) => shown.filter((toast) => toast.id !== id)),
    undo(id) {
      const entry = undos.find((other) => other.id === id);
      if (!entry) return;
      undos = undos.filter((other) => other !== entry);
      toasts.dismiss(id);
      void toasts.watch(entry.run());
    },
    undoLast() {
      const last = undos.at(-1);
      if (last) toasts.undo(last.id);
      return last !== undefined;
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
