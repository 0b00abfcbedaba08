/** The change that gives a new scene its text. Pure. */
import { Slice, type Fragment } from 'prosemirror-model';
import { ReplaceStep } from 'prosemirror-transform';
import type { SceneChange } from '../../../../contract/scenes.ts';
import { summaryOf } from '../plain-text.ts';
import { changeNodeOf } from './change-node.ts';
import { emptyState } from './scene-state.ts';

/** @param blocks what the scene then holds @param at milliseconds since 1970 */
export function firstText(blocks: Fragment, at: number): SceneChange {
  const state = emptyState(at);
  const step = new ReplaceStep(0, state.doc.content.size, new Slice(blocks, 0, 0));
  const text = blocks.textBetween(0, Math.min(blocks.size, 400), '\n', '\n');
  const about = { at, kind: 'import', run: null, summary: summaryOf(text) } as const;
  return changeNodeOf(state, [step], about).change;
}
