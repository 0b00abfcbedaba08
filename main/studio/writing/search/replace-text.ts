/** What replaces matches in a scene, as one node of its history. Pure. */
import { Fragment, Slice, type Mark, type Node } from 'prosemirror-model';
import { Transform } from 'prosemirror-transform';
import type { SceneChange } from '../../../../contract/scenes.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { countDocumentWords, summaryOf } from '../plain-text.ts';
import { changeNodeOf } from '../scene/change-node.ts';
import type { SceneState } from '../scene/scene-state.ts';
import type { FoundText } from './find-text.ts';

/** @param found in order, apart from each other @param title what was looked for, for the map */
export function replacementOf(
  state: Pick<SceneState, 'doc' | 'head' | 'nodes'>,
  found: readonly FoundText[],
  title: string,
  at: number,
): { readonly changes: SceneChange[]; readonly words: number } {
  const transform = new Transform(state.doc);
  // From the end, so that what was found before still stands where it stood.
  for (const { from, to, replacement } of found.toReversed()) {
    const marks = marksOf(state.doc, from);
    const isCode = state.doc.resolve(from).parent.type.spec.code === true;
    const nodes = isCode ? textNodes(replacement, marks) : lines(replacement, marks);
    transform.replace(from, to, new Slice(Fragment.fromArray(nodes), 0, 0));
  }
  const summary = summaryOf(`${title} → ${found[0]?.replacement ?? ''}`);
  const node = changeNodeOf(state, transform, { at, kind: 'replace', run: null, summary });
  return { changes: [node], words: countDocumentWords(transform.doc) };
}

/** Those of the first character that is replaced; what a model wrote is edited by a person then. */
function marksOf(doc: DocumentNode, from: number): readonly Mark[] {
  const marks = doc.resolve(from).nodeAfter?.marks ?? [];
  return marks.map((mark) =>
    mark.type.name === 'origin' ? mark.type.create({ ...mark.attrs, edited: true }) : mark,
  );
}

function textNodes(text: string, marks: readonly Mark[]): Node[] {
  return text === '' ? [] : [documentSchema.text(text, marks)];
}

function lines(text: string, marks: readonly Mark[]): Node[] {
  return text
    .split(/\r\n?|\n/)
    .flatMap((line, index) => [
      ...(index > 0 ? [documentSchema.node('hard_break', null, undefined, marks)] : []),
      ...textNodes(line, marks),
    ]);
}
