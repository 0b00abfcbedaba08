/** The probability lens on the page: one token outlined, and every token's surprisal as a heat map. */
import { Plugin, PluginKey, type EditorState } from 'prosemirror-state';
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view';

interface Range {
  readonly from: number;
  readonly to: number;
}

export interface ScoredRange extends Range {
  /** Surprisal in bits: how little the model expected it. */
  readonly bits: number;
}

interface LensState {
  readonly active: Range | null;
  readonly heat: DecorationSet;
}

type LensChange = { readonly active: Range | null } | { readonly heat: readonly ScoredRange[] };

const key = new PluginKey<LensState>('lens');

export function lens(): Plugin {
  return new Plugin<LensState>({
    key,
    state: {
      init: () => ({ active: null, heat: DecorationSet.empty }),
      apply(transaction, state) {
        const change = transaction.getMeta(key) as LensChange | undefined;
        if (change && 'active' in change) return { ...state, active: change.active };
        if (change) {
          const heat = change.heat.map(({ from, to, bits }) =>
            Decoration.inline(from, to, { 'data-heat': String(heatLevel(bits)) }),
          );
          return { ...state, heat: DecorationSet.create(transaction.doc, heat) };
        }
        if (!transaction.docChanged) return state;
        return {
          active: null,
          heat: state.heat.map(transaction.mapping, transaction.doc),
        };
      },
    },
    props: {
      decorations(state) {
        const lens = key.getState(state);
        if (!lens) return null;
        const { active, heat } = lens;
        return active
          ? heat.add(state.doc, [
              Decoration.inline(
                active.from,
                active.to,
                { 'data-token': '' },
                { inclusiveEnd: false },
              ),
            ])
          : heat;
      },
    },
  });
}

/** Upper ends of the levels of the heat map, bits; what lies above them is the last level. */
export const heatSteps = [1, 3, 6, 10] as const;

/** @returns 0 for what was expected, to 4 */
export function heatLevel(bits: number): number {
  const level = heatSteps.findIndex((end) => bits < end);
  return level < 0 ? heatSteps.length : level;
}

export const surprisalBits = (probability: number): number =>
  -Math.log2(Math.max(probability, Number.MIN_VALUE));

export const activeToken = (state: EditorState): Range | null =>
  key.getState(state)?.active ?? null;

export function setActiveToken(view: EditorView, active: Range | null): void {
  const now = activeToken(view.state);
  if (now?.from === active?.from && now?.to === active?.to) return;
  view.dispatch(view.state.tr.setMeta(key, { active } satisfies LensChange));
}

export function setHeat(view: EditorView, heat: readonly ScoredRange[]): void {
  if (heat.length === 0 && key.getState(view.state)?.heat === DecorationSet.empty) return;
  view.dispatch(view.state.tr.setMeta(key, { heat } satisfies LensChange));
}
