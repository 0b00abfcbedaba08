/** Everything the editor of a scene is made of, in the order in which keys reach it. */
import { keymap } from 'prosemirror-keymap';
import { Plugin } from 'prosemirror-state';
import { editedSpans } from './edited-spans.ts';
import { focusMode } from './focus.ts';
import { ghostOf, ghostText, type Ghost } from './ghost-text.ts';
import { markdownInputRules } from './input-rules.ts';
import { keepCaret } from './keep-caret.ts';
import { writingKeys } from './keys.ts';
import { lens } from './lens.ts';
import { nearBlocks } from './near-blocks.ts';
import { pasted } from './pasted.ts';
import { searchMatches } from './search-matches.ts';

export interface WritingPorts {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly acceptGhost: (ghost: Ghost, text: string) => void;
  readonly dropGhost: () => void;
  readonly refusePaste: (reason: string) => void;
}

export function writingPlugins(ports: WritingPorts): Plugin[] {
  const undo = () => {
    ports.undo();
    return true;
  };
  const redo = () => {
    ports.redo();
    return true;
  };
  return [
    windowKeys(),
    keepCaret(),
    ghostText({ accept: ports.acceptGhost, onGone: ports.dropGhost }),
    keymap({ 'Mod-z': undo, 'Mod-Shift-z': redo, 'Mod-y': redo }),
    markdownInputRules(),
    ...writingKeys(),
    editedSpans(),
    focusMode(),
    nearBlocks(),
    lens(),
    searchMatches(),
    pasted(ports.refusePaste),
  ];
}

/** The view would keep these to itself; they mean something to the desk. */
function windowKeys(): Plugin {
  return new Plugin({
    props: {
      handleDOMEvents: {
        keydown: (view, event) =>
          (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) ||
          (event.key === 'Escape' && !ghostOf(view.state)),
      },
    },
  });
}
