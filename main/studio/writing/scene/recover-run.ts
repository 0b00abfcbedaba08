/** Puts what a run told, and what never became part of the text, into the text. Pure. */
import type { Mark } from 'prosemirror-model';
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
  const origin = [documentSchema.mark('origin', { run: run.id })];
  const end = state.doc.content.size;
  const wanted = endOfRun(state.doc, run.id, position) ?? Math.min(position, end);
  // Where the text around it leaves no room, such as between the items of a list, it goes to the end.
  const place = holdsAll(insertAt(state.doc, wanted, text, origin), state.doc, text) ? wanted : end;
  const transform = insertAt(state.doc, place, text, origin);
  const about = { at, kind: 'recovery', run: run.id, summary: summaryOf(text) } as const;
  const caret = transform.mapping.map(place, 1);
  return [changeNodeOf(state, transform.steps, about, caret).change, settled];
}

function insertAt(
  doc: DocumentNode,
  place: number,
  text: string,
  marks: readonly Mark[],
): Transform {
  const transform = new Transform(doc);
  insertPlainText(transform, place, text, marks);
  return transform;
}

function holdsAll(transform: Transform, before: DocumentNode, text: string): boolean {
  const added = transform.doc.textContent.length - before.textContent.length;
  return added >= text.replaceAll(/[\r\n]/g, '').length;
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
