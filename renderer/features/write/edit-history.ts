/**
 * One undo history over what a person typed and what a model wrote. Pure.
 *
 * Typing in one go is one entry, and so is one generation, however many tokens it has.
 */
import {
  addStretch,
  applyEdit,
  invertEdit,
  movePlace,
  moveStretches,
  type Stretch,
  type TextEdit,
} from './text-edit.ts';

export interface Page {
  readonly text: string;
  /** What models wrote, in order, apart from each other. */
  readonly modelStretches: readonly Stretch[];
}

/** Who makes an edit; the tokens of one generation share a `run`. */
export type Author =
  | { readonly kind: 'person'; readonly atMs: number }
  | { readonly kind: 'model'; readonly run: number };

interface Entry {
  readonly edit: TextEdit;
  readonly author: Author;
  readonly before: readonly Stretch[];
  readonly after: readonly Stretch[];
}

export interface EditHistory {
  readonly done: readonly Entry[];
  readonly undone: readonly Entry[];
}

export interface Change {
  readonly page: Page;
  readonly history: EditHistory;
  readonly edit: TextEdit;
  /** Where the caret belongs afterwards. */
  readonly caret: number;
}

const pauseMs = 1_000;
const mostEntries = 2_000;

export const emptyHistory: EditHistory = { done: [], undone: [] };

export function makeEdit(page: Page, history: EditHistory, edit: TextEdit, author: Author): Change {
  const moved = moveStretches(page.modelStretches, edit);
  const written = { start: edit.at, end: edit.at + edit.inserted.length };
  const modelStretches = author.kind === 'model' ? addStretch(moved, written) : moved;
  const entry: Entry = { edit, author, before: page.modelStretches, after: modelStretches };
  const last = history.done.at(-1);
  const joined = last && joinEntries(last, entry);
  const done = joined
    ? [...history.done.slice(0, -1), joined]
    : [...history.done, entry].slice(-mostEntries);
  return {
    page: { text: applyEdit(page.text, edit), modelStretches },
    history: { done, undone: [] },
    edit,
    caret: written.end,
  };
}

/** @returns null when there is nothing to undo */
export function undo(page: Page, history: EditHistory): Change | null {
  const entry = history.done.at(-1);
  if (!entry) return null;
  const edit = invertEdit(entry.edit);
  return {
    page: { text: applyEdit(page.text, edit), modelStretches: entry.before },
    history: { done: history.done.slice(0, -1), undone: [...history.undone, entry] },
    edit,
    caret: edit.at + edit.inserted.length,
  };
}

/** @returns null when there is nothing to do again */
export function redo(page: Page, history: EditHistory): Change | null {
  const entry = history.undone.at(-1);
  if (!entry) return null;
  return {
    page: { text: applyEdit(page.text, entry.edit), modelStretches: entry.after },
    history: { done: [...history.done, entry], undone: history.undone.slice(0, -1) },
    edit: entry.edit,
    caret: movePlace(entry.edit.at + entry.edit.removed.length, entry.edit),
  };
}

/** One entry for both, if they belong to one stretch of work. */
function joinEntries(last: Entry, next: Entry): Entry | null {
  const lastEnd = last.edit.at + last.edit.inserted.length;
  const appends = next.edit.removed === '' && next.edit.at === lastEnd;
  const joined = (edit: TextEdit): Entry => ({
    edit,
    author: next.author,
    before: last.before,
    after: next.after,
  });
  const appended = () =>
    joined({ ...last.edit, inserted: last.edit.inserted + next.edit.inserted });

  if (last.author.kind === 'model' && next.author.kind === 'model') {
    return last.author.run === next.author.run && appends ? appended() : null;
  }
  if (last.author.kind === 'person' && next.author.kind === 'person') {
    if (next.author.atMs - last.author.atMs > pauseMs) return null;
    if (appends && !last.edit.inserted.endsWith('\n') && last.edit.removed === '')
      return appended();
    const erasesBackwards = next.edit.inserted === '' && last.edit.inserted === '';
    if (erasesBackwards && next.edit.at + next.edit.removed.length === last.edit.at) {
      return joined({
        at: next.edit.at,
        removed: next.edit.removed + last.edit.removed,
        inserted: '',
      });
    }
  }
  return null;
}
