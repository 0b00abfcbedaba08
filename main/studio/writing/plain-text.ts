/**
 * Plain text ⇄ blocks: an empty line parts paragraphs, a single line break is one within a paragraph.
 */
import { Fragment, Slice, type Mark, type Node } from 'prosemirror-model';
import type { Transform } from 'prosemirror-transform';
import { documentSchema, type DocumentNode } from './document-schema.ts';

const { paragraph, hard_break: hardBreak } = documentSchema.nodes;

/** @returns at least one paragraph, which may be empty */
export function paragraphsOf(text: string, marks: readonly Mark[] = []): Node[] {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((part) => paragraph.create(null, inlineOf(part, marks)));
}

/** Text with its line breaks as nodes. */
export function inlineOf(text: string, marks: readonly Mark[]): Fragment {
  const nodes = text
    .split('\n')
    .flatMap((line, index) => [
      ...(index > 0 ? [hardBreak.create(null, null, marks)] : []),
      ...(line === '' ? [] : [documentSchema.text(line, marks)]),
    ]);
  return Fragment.fromArray(nodes);
}

/** Adds the steps that put `text` at `position`; where blocks stand, it becomes blocks of its own. */
export function insertPlainText(
  transform: Transform,
  position: number,
  text: string,
  marks: readonly Mark[],
): void {
  const { parent } = transform.doc.resolve(position);
  if (parent.type.spec.code === true) {
    transform.insert(position, documentSchema.text(text, marks));
    return;
  }
  const paragraphs = paragraphsOf(text, marks);
  if (!parent.inlineContent) transform.insert(position, paragraphs);
  else if (paragraphs.length === 1) transform.insert(position, inlineOf(text, marks));
  else transform.replace(position, position, new Slice(Fragment.fromArray(paragraphs), 1, 1));
}

/** A textblock's text, one UTF-16 unit for each position within it. */
export function textOfBlock(block: Node): string {
  return block.textBetween(0, block.content.size, null, '\n');
}

/** Calls `visit` for every block that holds text, with the position at which that text begins. */
export function forEachTextblock(
  doc: DocumentNode,
  visit: (block: Node, textFrom: number) => void,
): void {
  doc.descendants((node, position) => {
    if (!node.isTextblock) return true;
    visit(node, position + 1);
    return false;
  });
}

/** @returns words as a person counts them: runs of letters and digits, in any script that has spaces */
export function countWords(text: string): number {
  let words = 0;
  for (const _ of text.matchAll(/[\p{L}\p{N}]+(?:['’‑-][\p{L}\p{N}]+)*/gu)) words += 1;
  return words;
}

export function countDocumentWords(doc: DocumentNode): number {
  let words = 0;
  forEachTextblock(doc, (block) => {
    words += countWords(textOfBlock(block));
  });
  return words;
}

/** The first words, for a map of the history. */
export function summaryOf(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= summaryCharacters ? line : `${line.slice(0, summaryCharacters - 1)}…`;
}

const summaryCharacters = 80;
