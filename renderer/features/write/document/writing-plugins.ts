/** Everything the editor of a scene is made of, in the order in which keys reach it. */
import { keymap } from 'prosemirror-keymap';
import { Fragment, Slice, type Node } from 'prosemirror-model';
import { Plugin } from 'prosemirror-state';
import { editedSpans } from './edited-spans.ts';
import { focusMode } from './focus.ts';
import { ghostOf, ghostText, type Ghost } from './ghost-text.ts';
import { markdownInputRules } from './input-rules.ts';
import { writingKeys } from './keys.ts';
import { lens } from './lens.ts';
import { looksLikeMarkdown, parseMarkdown } from './markdown-text.ts';
import { nodeType, schema } from './schema.ts';
import { searchMatches } from './search-matches.ts';

export interface WritingPorts {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly acceptGhost: (ghost: Ghost, text: string) => void;
  readonly dropGhost: () => void;
  readonly refusePaste: (reason: string) => void;
}

/** About 3,000 pages; more stands still for too long, and the studio would refuse it. */
const mostPastedCharacters = 8_000_000;

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
    ghostText({ accept: ports.acceptGhost, onGone: ports.dropGhost }),
    keymap({ 'Mod-z': undo, 'Mod-Shift-z': redo, 'Mod-y': redo }),
    markdownInputRules(),
    ...writingKeys(),
    editedSpans(),
    focusMode(),
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

function pasted(refuse: WritingPorts['refusePaste']): Plugin {
  return new Plugin({
    props: {
      handlePaste(_view, event) {
        const size = Math.max(
          event.clipboardData?.getData('text/plain').length ?? 0,
          event.clipboardData?.getData('text/html').length ?? 0,
        );
        if (size <= mostPastedCharacters) return false;
        refuse(
          `${Math.round(size / 1e6)} million characters are too much to paste at once. Nothing was changed; paste them in parts.`,
        );
        return true;
      },
      clipboardTextParser: (text, _context, isPlain) =>
        !isPlain && looksLikeMarkdown(text)
          ? joining(parseMarkdown(text).content)
          : joining(paragraphs(text)),
    },
  });
}

function paragraphs(text: string): Fragment {
  return Fragment.from(
    text
      .split(/(?:\r\n?|\n)+/)
      .map((line) => nodeType('paragraph').create(null, line === '' ? null : schema.text(line))),
  );
}

/** Paragraphs at its ends join those they are put between; other blocks stay themselves. */
function joining(content: Fragment): Slice {
  const isParagraph = (node: Node | null) => node?.type === nodeType('paragraph');
  return new Slice(
    content,
    isParagraph(content.firstChild) ? 1 : 0,
    isParagraph(content.lastChild) ? 1 : 0,
  );
}
