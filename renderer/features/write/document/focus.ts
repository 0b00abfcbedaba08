/** Focus mode: the paragraph or the sentence at the caret stays bright; and the caret stays in the middle. */
import { Plugin, PluginKey, type EditorState } from 'prosemirror-state';
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view';

export type FocusMode = 'off' | 'paragraph' | 'sentence';

/** From this many blocks on, those out of sight are not laid out. */
const longBlocks = 200;

const key = new PluginKey<FocusMode>('focus');

export function focusMode(): Plugin {
  return new Plugin<FocusMode>({
    key,
    state: {
      init: () => 'off',
      apply: (transaction, mode) => (transaction.getMeta(key) as FocusMode | undefined) ?? mode,
    },
    props: {
      decorations(state) {
        const mode = key.getState(state);
        return brightened(state, mode ?? 'off');
      },
      attributes: (state) => ({
        'data-focus': key.getState(state) ?? 'off',
        ...(state.doc.childCount > longBlocks ? { 'data-long': '' } : {}),
      }),
    },
  });
}

export function setFocusMode(view: EditorView, mode: FocusMode): void {
  if (key.getState(view.state) !== mode) view.dispatch(view.state.tr.setMeta(key, mode));
}

function brightened(state: EditorState, mode: FocusMode): DecorationSet {
  const { $head } = state.selection;
  if ($head.depth === 0) return DecorationSet.empty;
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
  return DecorationSet.create(state.doc, decorations);
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
