/** What changed between two texts, block by block and word by word. Pure. */
import { diffArrays, diffWordsWithSpace } from 'diff';
import type { Node } from 'prosemirror-model';
import type { DiffEntry, WordRun } from '../../../contract/scenes.ts';
import type { DocumentNode } from './document-schema.ts';
import { textOfBlock } from './plain-text.ts';

interface Block {
  readonly node: Node;
  readonly text: string;
  readonly position: number;
  /** Equal for blocks that read the same. */
  readonly key: string;
}

/** Words beyond which a changed block is told as removed and added, since comparing takes the square of them. */
const mostCharacters = 200_000;
/** Comparing two texts that have hardly anything in common is given up: then all of one is removed. */
const comparisonMs = 2000;

export function diffDocuments(from: DocumentNode, to: DocumentNode): DiffEntry[] {
  const before = blocksOf(from);
  const after = blocksOf(to);
  const parts = diffArrays(
    before.map(({ key }) => key),
    after.map(({ key }) => key),
    { timeout: comparisonMs },
  ) ?? [
    { value: before.map(({ key }) => key), added: false, removed: true },
    { value: after.map(({ key }) => key), added: true, removed: false },
  ];
  const entries: DiffEntry[] = [];
  let beforeAt = 0;
  let afterAt = 0;
  let removed: Block[] = [];
  let added: Block[] = [];

  function flush(): void {
    const position = added[0]?.position ?? after[afterAt]?.position ?? to.content.size;
    for (let i = 0; i < Math.max(removed.length, added.length); i += 1)
      entries.push(changedBlock(removed[i], added[i], position));
    removed = [];
    added = [];
  }

  for (const part of parts) {
    const count = part.value.length;
    if (part.removed) {
      removed.push(...before.slice(beforeAt, beforeAt + count));
      beforeAt += count;
    } else if (part.added) {
      added.push(...after.slice(afterAt, afterAt + count));
      afterAt += count;
    } else {
      flush();
      entries.push({ kind: 'same', blocks: count });
      beforeAt += count;
      afterAt += count;
    }
  }
  flush();
  return entries;
}

function changedBlock(
  before: Block | undefined,
  after: Block | undefined,
  position: number,
): DiffEntry {
  const type = (after ?? before)?.node.type.name ?? 'paragraph';
  return {
    kind: 'block',
    type,
    position: after?.position ?? position,
    runs: wordRuns(before?.text ?? '', after?.text ?? ''),
  };
}

function wordRuns(before: string, after: string): WordRun[] {
  const whole: WordRun[] = [
    { kind: 'removed' as const, text: before },
    { kind: 'added' as const, text: after },
  ].filter(({ text }) => text !== '');
  if (before === '' || after === '' || before.length + after.length > mostCharacters) return whole;
  const parts = diffWordsWithSpace(before, after, { timeout: comparisonMs });
  if (!parts) return whole;
  return parts.map(({ added, removed, value }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'kept',
    text: value,
  }));
}

/** Blocks that hold text, and leaves between them. */
function blocksOf(doc: DocumentNode): Block[] {
  const blocks: Block[] = [];
  doc.descendants((node, position) => {
    if (!node.isTextblock && !node.isLeaf) return true;
    const text = node.isTextblock ? textOfBlock(node) : String(node.attrs['alt'] ?? '');
    const { type, attrs } = node;
    blocks.push({ node, text, position, key: JSON.stringify([type.name, attrs, text]) });
    return false;
  });
  return blocks;
}
