/**
 * Short messages at the edge of the window. What they offer to undo ⌘/Ctrl+Z undoes even after they
 * are gone, and ⇧⌘/Ctrl+Shift+Z does once more where that is possible.
 */
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
  say(text: string, undo?: () => Promise<unknown>, redo?: (() => Promise<unknown>) | null): number;
  /** What ⌘/Ctrl+Z can undo without a message having told of it. @param text says what was done */
  remember(text: string, undo: () => Promise<unknown>, redo: () => Promise<unknown>): number;
  /** Takes a message and what it offers back: what it told of did not happen. */
  retract(id: number): void;
  fail(error: unknown): void;
  dismiss(id: number): void;
  /** Undoes what a message told of. */
  undo(id: number): void;
  /** @returns false when there is nothing to undo */
  undoLast(): boolean;
  /** Does once more what was undone last. @returns false when there is nothing */
  redoLast(): boolean;
  /** Waits for an action and reports its failure; success is silent. @returns whether it succeeded */
  watch(action: Promise<unknown>): Promise<boolean>;
}

interface Undoable {
  readonly id: number;
  readonly text: string;
  readonly undo: () => Promise<unknown>;
  /** Null where it cannot be done once more. */
  readonly redo: (() => Promise<unknown>) | null;
  readonly isSilent: boolean;
}

const mostShown = 4;
const mostUndos = 50;

export function createToasts(): Toasts {
  const list = createStore<readonly Toast[]>([]);
  let nextId = 1;
  let undos: readonly Undoable[] = [];
  let redos: readonly Undoable[] = [];
  const canUndo = (entry: Undoable) => {
    undos = [...undos, entry].slice(-mostUndos);
  };
  const add = (toast: Omit<Toast, 'id'>): number => {
    const id = nextId++;
    list.set((shown) =>
      [...shown.filter((other) => other.text !== toast.text), { ...toast, id }].slice(-mostShown),
    );
    return id;
  };

  const toasts: Toasts = {
    list,
    say(text, undo, redo = null) {
      const id = add({ kind: 'done', text, details: null, canUndo: undo !== undefined });
      if (undo) {
        canUndo({ id, text, undo, redo, isSilent: false });
        redos = [];
      }
      return id;
    },
    remember(text, undo, redo) {
      const id = nextId++;
      canUndo({ id, text, undo, redo, isSilent: true });
      redos = [];
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
      // Someone who rates many pictures sees what the key took back.
      if (entry.isSilent)
        add({ kind: 'done', text: `Undone: ${entry.text}`, details: null, canUndo: false });
      if (entry.redo) redos = [...redos, entry];
      void toasts.watch(entry.undo());
    },
    undoLast() {
      const last = undos.at(-1);
      if (last) toasts.undo(last.id);
      return last !== undefined;
    },
    redoLast() {
      const last = redos.at(-1);
      if (!last?.redo) return false;
      redos = redos.slice(0, -1);
      canUndo(last);
      add({ kind: 'done', text: last.text, details: null, canUndo: false });
      void toasts.watch(last.redo());
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
