/** How much each word of a passage surprises a model that reads it, whoever wrote it. */
import type { Node } from 'prosemirror-model';
import type { ModelId } from '../../../../contract/ids.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import type { ScoredRange } from '../document/lens.ts';
import type { VisiblePart } from './heat-map.ts';

/** What the model reads before the passage, so that its first words are not judged from nothing. */
const charactersBefore = 1_200;

export interface PassageBlock {
  /** Of the passage's text, UTF-16 units. */
  readonly offset: number;
  /** Where its first letter stands in the document. */
  readonly position: number;
  readonly length: number;
}

export interface Passage {
  readonly text: string;
  readonly blocks: readonly PassageBlock[];
}

/** Blocks of a part of the text, as a model reads them: an empty line between two. */
export function passageOf(doc: Node, { from, to }: VisiblePart): Passage {
  const blocks: PassageBlock[] = [];
  let text = '';
  doc.nodesBetween(
    Math.max(0, from - charactersBefore),
    Math.min(to, doc.content.size),
    (node, position) => {
      if (!node.isTextblock) return true;
      // What is not text takes one place, as it does in the document.
      const words = node.textBetween(0, node.content.size, undefined, '\n');
      if (text !== '') text += '\n\n';
      blocks.push({ offset: text.length, position: position + 1, length: words.length });
      text += words;
      return false;
    },
  );
  return { text, blocks };
}

/** @returns where a stretch of the passage's text stands in the document; null between two blocks */
export function placeInDocument(
  { blocks }: Passage,
  start: number,
  end: number,
): { readonly from: number; readonly to: number } | null {
  const block = blocks.findLast(({ offset }) => offset <= start);
  if (!block) return null;
  const from = block.position + start - block.offset;
  const to = block.position + Math.min(end - block.offset, block.length);
  return to > from ? { from, to } : null;
}

/** @throws {StudioError} what the studio and the engine throw */
export async function scorePassage(
  client: Pick<StudioClient, 'write.score'>,
  modelId: ModelId,
  passage: Passage,
  signal: AbortSignal,
): Promise<ScoredRange[]> {
  const ranges: ScoredRange[] = [];
  if (passage.text.trim() === '') return ranges;
  for await (const event of client['write.score']({ modelId, text: passage.text }, { signal })) {
    if (event.kind !== 'tokens') continue;
    for (const { start, end, surprisalBits } of event.tokens) {
      if (surprisalBits === null) continue;
      const place = placeInDocument(passage, start, end);
      if (place) ranges.push({ ...place, bits: surprisalBits });
    }
  }
  return ranges;
}
