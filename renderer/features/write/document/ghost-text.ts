/** A suggestion in grey behind the caret: Tab takes it, → one word of it, Esc none; typing on lets it go. */
import {
  Plugin,
  PluginKey,
  TextSelection,
  type EditorState,
  type Transaction,
} from 'prosemirror-state';
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view';
import type { RunId } from '../../../../contract/scenes.ts';

export interface Ghost {
  readonly position: number;
  readonly text: string;
  /** Null until the model has begun. */
  readonly run: RunId | null;
}

const key = new PluginKey<Ghost | null>('ghost');

export interface GhostPorts {
  /** Puts the beginning of the suggestion into the text. */
  readonly accept: (ghost: Ghost, text: string) => void;
  /** The suggestion is gone; what is still being written is not wanted. */
  readonly onGone: () => void;
}

export function ghostText(ports: GhostPorts): Plugin {
  return new Plugin<Ghost | null>({
    key,
    state: {
      init: () => null,
      apply(transaction, ghost) {
        const set = transaction.getMeta(key) as Ghost | null | undefined;
        if (set !== undefined) return set;
        if (!ghost || (!transaction.docChanged && !transaction.selectionSet)) return ghost;
        return null;
      },
    },
    props: {
      decorations(state) {
        const ghost = key.getState(state);
        if (!ghost || ghost.text === '') return null;
        return DecorationSet.create(state.doc, [
          Decoration.widget(ghost.position, () => drawn(ghost.text), {
            side: 1,
            key: `ghost ${ghost.text}`,
            ignoreSelection: true,
          }),
        ]);
      },
      handleKeyDown(view, event) {
        const ghost = key.getState(view.state);
        if (!ghost || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
          return false;
        if (event.key === 'Escape') {
          setGhost(view, null);
          ports.onGone();
          return true;
        }
        if (ghost.text === '' || event.shiftKey) return false;
        if (event.key === 'Tab') ports.accept(ghost, ghost.text);
        else if (event.key === 'ArrowRight') ports.accept(ghost, firstWord(ghost.text));
        else return false;
        return true;
      },
    },
    view: () => ({
      update(view, before) {
        if (key.getState(before) && !key.getState(view.state)) ports.onGone();
      },
    }),
  });
}

export function setGhost(view: EditorView, ghost: Ghost | null): void {
  if (ghost === null && !key.getState(view.state)) return;
  view.dispatch(view.state.tr.setMeta(key, ghost));
}

/** The transaction keeps a suggestion that it would end by changing the text. */
export function holdGhost(transaction: Transaction, ghost: Ghost): void {
  transaction.setMeta(key, ghost);
}

export const ghostOf = (state: EditorState): Ghost | null => key.getState(state) ?? null;

/** Where a suggestion can stand: behind a bare caret in a text block. */
export function ghostPlace({ selection }: EditorState): number | null {
  return selection instanceof TextSelection && selection.empty ? selection.head : null;
}

/** @returns a word with the white space before it */
export function firstWord(text: string): string {
  return /^\s*\S+/.exec(text)?.[0] ?? text;
}

function drawn(text: string): HTMLElement {
  const element = document.createElement('span');
  element.dataset['ghost'] = '';
  element.textContent = text;
  // It is no part of the text, and the announcement beside the page reads it out.
  element.ariaHidden = 'true';
  return element;
}
