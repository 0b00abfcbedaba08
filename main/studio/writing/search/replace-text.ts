/** What replaces matches in a scene, as one node of its history. Pure. */
import { Fragment, Slice, type Mark, type Node } from 'prosemirror-model';
import { ReplaceStep } from 'prosemirror-transform';
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
  const blocks = Map.groupBy(found, ({ from, offset }) => from - offset);
  // One step a block, from the end, so that what was found before still stands where it stood.
  const steps = [...blocks.values()].toReversed().map((own) => blockStep(state.doc, own));
  const summary = summaryOf(`${title} → ${found[0]?.replacement ?? ''}`);
  const about = { at, kind: 'replace', run: null, summary } as const;
  const { change, doc } = changeNodeOf(state, steps, about);
  return { changes: [change], words: countDocumentWords(doc) };
}

/** From the block's first match to its last. */
function blockStep(doc: DocumentNode, found: readonly FoundText[]): ReplaceStep {
  const from = found[0]?.from ?? 0;
  const to = found.at(-1)?.to ?? from;
  const { parent, parentOffset } = doc.resolve(from);
  const isCode = parent.type.spec.code === true;
  let content = Fragment.empty;
  let end = parentOffset;
  for (const match of found) {
    const start = parentOffset + match.from - from;
    const marks = marksOf(parent, start);
    const nodes = isCode ? textNodes(match.replacement, marks) : lines(match.replacement, marks);
    content = content.append(parent.content.cut(end, start)).append(Fragment.fromArray(nodes));
    end = start + match.text.length;
  }
  return new ReplaceStep(from, to, new Slice(content, 0, 0));
}

/** Those of the first character that is replaced; what a model wrote is edited by a person then. */
function marksOf(block: Node, offset: number): readonly Mark[] {
  const marks = block.nodeAt(offset)?.marks ?? [];
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
