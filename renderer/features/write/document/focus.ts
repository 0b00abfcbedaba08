/**
 * What the look of each block hangs on: in focus mode the paragraph or the sentence at the caret stays bright; in a
 * long text the blocks that are written are always laid out, those out of sight are not.
 */
import type { Node } from 'prosemirror-model';
import { Plugin, PluginKey, type EditorState, type Transaction } from 'prosemirror-state';
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view';

export type FocusMode = 'off' | 'paragraph' | 'sentence';

const longBlocks = 200;

/** Of a long text the blocks out of sight are not laid out. */
export const isLong = (doc: Node): boolean => doc.childCount > longBlocks;

/** A block that begins to be skipped costs a frame its layout twice: what is written stays, up to this many blocks. */
const mostFresh = 60;

interface Range {
  readonly from: number;
  readonly to: number;
}

interface FocusState {
  readonly mode: FocusMode;
  /** Where the text was last changed; null before. */
  readonly fresh: Range | null;
}

const initial: FocusState = { mode: 'off', fresh: null };
const key = new PluginKey<FocusState>('focus');

export function focusMode(): Plugin {
  return new Plugin<FocusState>({
    key,
    state: {
      init: () => initial,
      apply(transaction, { mode, fresh }) {
        return {
          mode: (transaction.getMeta(key) as FocusMode | undefined) ?? mode,
          fresh: transaction.docChanged ? freshRange(transaction, fresh) : fresh,
        };
      },
    },
    props: {
      decorations: (state) => lookOf(state, focusOf(state)),
      attributes: (state) => ({
        'data-focus': focusOf(state).mode,
        ...(isLong(state.doc) ? { 'data-long': '' } : {}),
      }),
    },
  });
}

const focusOf = (state: EditorState): FocusState => key.getState(state) ?? initial;

export function setFocusMode(view: EditorView, mode: FocusMode): void {
  if (focusOf(view.state).mode !== mode) view.dispatch(view.state.tr.setMeta(key, mode));
}

function freshRange({ mapping, doc }: Transaction, before: Range | null): Range {
  let from = doc.content.size;
  let to = 0;
  mapping.maps.forEach((map, index) => {
    const after = mapping.slice(index + 1);
    map.forEach((_, __, start, end) => {
      from = Math.min(from, after.map(start, -1));
      to = Math.max(to, after.map(end, 1));
    });
  });
  const changed = { from: Math.min(from, to), to };
  if (!before) return changed;
  const both = {
    from: Math.min(changed.from, mapping.map(before.from, -1)),
    to: Math.max(changed.to, mapping.map(before.to, 1)),
  };
  const blocks = doc.resolve(both.to).index(0) - doc.resolve(both.from).index(0);
  return blocks < mostFresh ? both : changed;
}

function lookOf(state: EditorState, { mode, fresh }: FocusState): DecorationSet {
  return DecorationSet.create(state.doc, [
    ...brightened(state, mode),
    ...(fresh && isLong(state.doc) ? written(state.doc, fresh) : []),
  ]);
}

function written(doc: Node, { from, to }: Range): Decoration[] {
  const decorations: Decoration[] = [];
  doc.nodesBetween(from, to, (node, position) => {
    if (decorations.length < mostFresh)
      decorations.push(
        Decoration.node(
          position,
          position + node.nodeSize,
          { 'data-fresh': '' },
          { isFresh: true },
        ),
      );
    return false;
  });
  return decorations;
}

function brightened(state: EditorState, mode: FocusMode): Decoration[] {
  const { $head } = state.selection;
  if ($head.depth === 0) return [];
  const decorations = [
    Decoration.node($head.before(1), $head.after(1), {
      'data-bright': mode === 'sentence' ? 'dim' : '',
    }),
  ];
  if (mode === 'sentence' && $head.parent.isTextblock) {
    const text = $head.parent.textBetween(0, $head.parent.content.size, undefined, '\ufffc');
    const { from, to } = sentenceAt(text, $head.parentOffset);
    const start = $head.start();
    if (to > from)
      decorations.push(Decoration.inline(start + from, start + to, { 'data-sentence': '' }));
  }
  return decorations;
}

/** @param place offset into the text @returns the sentence around it, offsets into the text */
export function sentenceAt(text: string, place: number): { from: number; to: number } {
  for (const { index, segment } of new Intl.Segmenter(undefined, {
    granularity: 'sentence',
  }).segment(text)) {
    const to = index + segment.length;
    if (place < to || to === text.length) return { from: index, to };
  }
  return { from: 0, to: text.length };
}
