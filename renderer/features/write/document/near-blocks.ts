/**
 * In a long text, which blocks the browser has to mind: those on the screen and some screens around it. All
 * others are told to be skipped, for even a block that the browser itself decides to skip is looked at in
 * every frame.
 *
 * Keys that go to the ends of the text, or of what is selected of it, are answered here: the browser's own stop where
 * it skips.
 */
import type { Node } from 'prosemirror-model';
import { keydownHandler } from 'prosemirror-keymap';
import {
  AllSelection,
  Plugin,
  PluginKey,
  Selection,
  TextSelection,
  type Command,
} from 'prosemirror-state';
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view';
import { isLong } from './focus.ts';

/** Blocks on either side of those on the screen. */
export const margin = 60;

/** Positions between blocks, and the marks of the blocks between them. */
interface Near {
  readonly from: number;
  readonly to: number;
  readonly marks: DecorationSet;
}

/** Numbers of blocks, the last included. */
interface Blocks {
  readonly first: number;
  readonly last: number;
}

const key = new PluginKey<Near>('near-blocks');

export function nearBlocks(): Plugin {
  return new Plugin<Near>({
    key,
    state: {
      init: (_config, { doc }) => nearOf(doc, { first: 0, last: 2 * margin }),
      apply(transaction, before) {
        const { doc, mapping, docChanged } = transaction;
        const seen = transaction.getMeta(key) as Blocks | undefined;
        if (seen) return nearOf(doc, seen);
        if (!docChanged) return before;
        const from = mapping.map(before.from, -1);
        const to = mapping.map(before.to, 1);
        if (doc.childCount === transaction.before.childCount)
          return { from, to, marks: before.marks.map(mapping, doc) };
        const first = doc.resolve(from).index(0);
        const last = doc.resolve(to).index(0);
        // Much that was put in at once: the screen is looked at as soon as it is laid out.
        return nearOf(doc, { first, last: Math.min(last, first + 4 * margin) });
      },
    },
    props: {
      decorations: (state) => key.getState(state)?.marks ?? null,
      handleKeyDown: keydownHandler({
        'Ctrl-Home': toEnd(-1, false),
        'Ctrl-End': toEnd(1, false),
        'Ctrl-Shift-Home': toEnd(-1, true),
        'Ctrl-Shift-End': toEnd(1, true),
        'Meta-ArrowUp': toEnd(-1, false),
        'Meta-ArrowDown': toEnd(1, false),
        'Meta-Shift-ArrowUp': toEnd(-1, true),
        'Meta-Shift-ArrowDown': toEnd(1, true),
        ArrowLeft: leaveSelection(-1),
        ArrowRight: leaveSelection(1),
      }),
    },
    view: followScreen,
  });
}

function nearOf(doc: Node, { first, last }: Blocks): Near {
  const marks: Decoration[] = [];
  let from = 0;
  let to = 0;
  doc.forEach((block, position, index) => {
    const end = position + block.nodeSize;
    if (index < first) from = to = end;
    else if (index <= last) {
      to = end;
      marks.push(Decoration.node(position, end, { 'data-near': '' }));
    }
  });
  return { from, to, marks: isLong(doc) ? DecorationSet.create(doc, marks) : DecorationSet.empty };
}

function followScreen(view: EditorView) {
  const look = () => {
    const { state, dom } = view;
    if (!isLong(state.doc) || !dom.isConnected) return;
    const seen = onScreen(view);
    const near = key.getState(state);
    if (!near || !seen) return;
    const first = state.doc.resolve(near.from).index(0);
    const last = state.doc.resolve(near.to).index(0) - 1;
    const end = state.doc.childCount - 1;
    const reaches =
      first <= Math.max(0, seen.first - margin / 2) &&
      last >= Math.min(end, seen.last + margin / 2) &&
      last - first <= 6 * margin;
    if (reaches) return;
    const wanted: Blocks = { first: seen.first - margin, last: seen.last + margin };
    view.dispatch(state.tr.setMeta(key, wanted));
  };
  const document = view.dom.ownerDocument;
  const onScroll = ({ target }: Event) => {
    if (target instanceof globalThis.Node && target.contains(view.dom)) look();
  };
  // Both are told before the frame is painted: nothing is seen blank.
  document.addEventListener('scroll', onScroll, { capture: true, passive: true });
  const resizing = new ResizeObserver(look);
  resizing.observe(view.dom);
  return {
    destroy() {
      document.removeEventListener('scroll', onScroll, { capture: true });
      resizing.disconnect();
    },
  };
}

/** By halving: laid out or not, each block has its place below the one before. */
function onScreen(view: EditorView): Blocks | null {
  const blocks = view.dom.children;
  const height = view.dom.ownerDocument.documentElement.clientHeight;
  const firstBelow = (y: number) => {
    let [low, high] = [0, blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle]?.getBoundingClientRect().bottom ?? y) > y) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const first = firstBelow(0);
  return blocks.length === 0 ? null : { first, last: Math.max(first, firstBelow(height)) };
}

function toEnd(direction: 1 | -1, isExtending: boolean): Command {
  return ({ doc, selection, tr }, dispatch) => {
    if (!isLong(doc)) return false;
    const end = direction < 0 ? Selection.atStart(doc) : Selection.atEnd(doc);
    const wanted = isExtending ? TextSelection.between(selection.$anchor, end.$head) : end;
    dispatch?.(tr.setSelection(wanted).scrollIntoView());
    return true;
  };
}

/** The caret at one end of what is selected over several blocks. */
function leaveSelection(direction: 1 | -1): Command {
  return ({ doc, selection, tr }, dispatch) => {
    const { $from, $to } = selection;
    const isWide = selection instanceof AllSelection || !$from.sameParent($to);
    if (!isLong(doc) || !isWide) return false;
    const caret = direction < 0 ? Selection.near($from, 1) : Selection.near($to, -1);
    dispatch?.(tr.setSelection(caret).scrollIntoView());
    return true;
  };
}
