/** Puts what a run told, and what never became part of the text, into the text. Pure. */
import { Transform } from 'prosemirror-transform';
import type { SceneChange } from '../../../../contract/scenes.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { insertPlainText, summaryOf } from '../plain-text.ts';
import { changeNodeOf } from './change-node.ts';
import type { RunState, SceneState } from './scene-state.ts';

/** @param text of the tokens behind those that are settled; empty where they have none */
export function recoveryOf(
  state: SceneState,
  { run, position, tokens }: RunState,
  text: string,
  at: number,
): SceneChange[] {
  const settled: SceneChange = {
    kind: 'settled',
    run: run.id,
    tokens: tokens[0] ?? 0,
    final: true,
  };
  if (text === '') return [settled];
  const transform = new Transform(state.doc);
  const place = endOfRun(state.doc, run.id, position) ?? Math.min(position, state.doc.content.size);
  insertPlainText(transform, place, text, [documentSchema.mark('origin', { run: run.id })]);
  const about = { at, kind: 'recovery', run: run.id, summary: summaryOf(text) } as const;
  const caret = transform.mapping.map(place, 1);
  return [changeNodeOf(state, transform.steps, about, caret).change, settled];
}

/**
 * The end of the run's text that lies nearest to where it wrote: its text may have been copied elsewhere.
 * Null where nothing of it is in the text.
 */
function endOfRun(doc: DocumentNode, run: string, position: number): number | null {
  let nearest: number | null = null;
  doc.descendants((node, start) => {
    if (!node.isInline) return;
    if (!node.marks.some(({ type, attrs }) => type.name === 'origin' && attrs['run'] === run))
      return;
    const end = start + node.nodeSize;
    if (nearest === null || Math.abs(end - position) <= Math.abs(nearest - position)) nearest = end;
  });
  return nearest;
}
