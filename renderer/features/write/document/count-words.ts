/** Words as a person counts them: runs of letters and digits, in any script that has spaces. */
import type { Node } from 'prosemirror-model';

export function countWords(text: string): number {
  let words = 0;
  for (const _ of text.matchAll(/[\p{L}\p{N}]+(?:['’‑-][\p{L}\p{N}]+)*/gu)) words += 1;
  return words;
}

/** Blocks are shared from one version of a text to the next, so only changed ones are counted again. */
const counted = new WeakMap<Node, number>();

export function wordsOf(node: Node): number {
  const known = counted.get(node);
  if (known !== undefined) return known;
  let words = 0;
  if (node.isTextblock) words = countWords(node.textBetween(0, node.content.size, ' ', ' '));
  else node.forEach((child) => (words += wordsOf(child)));
  counted.set(node, words);
  return words;
}
