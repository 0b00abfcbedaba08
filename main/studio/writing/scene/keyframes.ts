/**
 * Texts of a scene's past on disk, so that an old version is near one that is known, however long its history is.
 * Only a cache: the file may be deleted, and one that does not fit its journal is begun anew.
 *
 * A line is a keyframe: what its text has in place of blocks of the one before it in the file, and now and then all
 * of it, so that a few lines are enough to read any. Blocking, for the writing thread.
 */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { documentSchema, type DocumentNode } from '../document-schema.ts';
import { openJournalFile, type JournalFile } from './journal-file.ts';

const firstLine = JSON.stringify({ kind: 'keyframes', version: 1 });
/** Lines from one that holds a whole text to the next. */
const linesBetweenWhole = 16;
/** This much of the journal before a keyframe's byte must be the same. */
const tailBytes = 4096;
/** How far blocks are sought that stand further on than before. */
const lookAhead = 64;

const Header = z.object({
  node: z.number().int().nonnegative(),
  isWhole: z.boolean(),
  journalBytes: z.number().int().positive(),
  journalTail: z.string(),
  /** Of the cuts' JSON, which stands behind a tab. */
  sha256: z.string(),
});

interface Line {
  readonly header: z.infer<typeof Header>;
  /** Of the cuts. */
  readonly from: number;
  readonly to: number;
}

/** In place of `removed` blocks from `start` on, as the text before counts; blocks as JSON. */
type Cut = readonly [start: number, removed: number, blocks: readonly string[]];

export interface Keyframes extends Disposable {
  readonly nodes: ReadonlySet<number>;
  /** @returns null where it cannot be read */
  read(node: number): DocumentNode | null;
  /** Does nothing where the node has one. @throws the file system's error */
  write(node: number, doc: DocumentNode): void;
  /** The texts of these nodes are others now. @throws the file system's error */
  forget(nodes: Iterable<number>): void;
}

export function openKeyframes(filePath: string, journal: JournalFile): Keyframes {
  const lines: Line[] = [];
  const nodes = new Set<number>();
  const serialized = new WeakMap<DocumentNode, string>();
  let file: JournalFile | null = existsSync(filePath) ? open() : null;
  /** Blocks of the last line; null where they are not known. */
  let last: readonly string[] | null = null;
  if (file && !takeLines(file)) clear();

  function open(): JournalFile {
    return openJournalFile(
      filePath,
      () => firstLine,
      () => {},
    );
  }

  /** @returns false where the file is not ours, or of another journal */
  function takeLines(from: JournalFile): boolean {
    let isFirst = true;
    for (const { bytes, offset, length } of from.lines(0)) {
      if (isFirst) {
        isFirst = false;
        if (bytes.toString() !== firstLine) return false;
        continue;
      }
      const end = bytes.indexOf('\t');
      const header = parseHeader(bytes.subarray(0, Math.max(0, end)).toString());
      if (!header) return false;
      lines.push({ header, from: offset + end + 1, to: offset + length });
      nodes.add(header.node);
    }
    const header = lines.at(-1)?.header;
    return (
      header === undefined ||
      (header.journalBytes <= journal.sizeBytes &&
        header.journalTail === tailOf(journal, header.journalBytes))
    );
  }

  function clear(): void {
    file?.[Symbol.dispose]();
    file = null;
    rmSync(filePath, { force: true });
    lines.length = 0;
    nodes.clear();
    last = null;
  }

  function blocksAt(index: number): readonly string[] | null {
    const whole = lines.findLastIndex(({ header }, i) => i <= index && header.isWhole);
    let blocks: readonly string[] = [];
    for (const { header, from, to } of lines.slice(whole, index + 1)) {
      const cuts = file?.read(from, to);
      if (!cuts || sha256(cuts) !== header.sha256) return null;
      blocks = applyCuts(blocks, JSON.parse(cuts.toString()) as readonly Cut[]);
    }
    return blocks;
  }

  function blocksOf(doc: DocumentNode): string[] {
    return doc.children.map((block) => {
      const json = serialized.get(block) ?? JSON.stringify(block.toJSON());
      serialized.set(block, json);
      return json;
    });
  }

  return {
    nodes,
    read(node) {
      const index = lines.findIndex(({ header }) => header.node === node);
      const blocks = index === -1 ? null : blocksAt(index);
      if (blocks === null) return null;
      try {
        const content = blocks.map((json) => JSON.parse(json) as object);
        return documentSchema.nodeFromJSON({ type: 'doc', content });
      } catch {
        return null;
      }
    },
    write(node, doc) {
      if (nodes.has(node)) return;
      file ??= open();
      const blocks = blocksOf(doc);
      const sinceWhole = lines.length - 1 - lines.findLastIndex(({ header }) => header.isWhole);
      const isWhole = last === null || sinceWhole >= linesBetweenWhole - 1;
      const cuts = JSON.stringify(cutsBetween(isWhole ? [] : (last ?? []), blocks));
      const header = {
        node,
        isWhole,
        journalBytes: journal.sizeBytes,
        journalTail: tailOf(journal, journal.sizeBytes),
        sha256: sha256(cuts),
      };
      const { offset, length } = file.append(`${JSON.stringify(header)}\t${cuts}`);
      lines.push({ header, from: offset + length - Buffer.byteLength(cuts), to: offset + length });
      nodes.add(node);
      last = blocks;
    },
    forget(reworded) {
      // Lines build on each other, and this hardly ever happens.
      if ([...reworded].some((node) => nodes.has(node))) clear();
    },
    [Symbol.dispose]() {
      file?.[Symbol.dispose]();
    },
  };
}

function parseHeader(text: string): z.infer<typeof Header> | null {
  try {
    return Header.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function applyCuts(blocks: readonly string[], cuts: readonly Cut[]): string[] {
  const next: string[] = [];
  let at = 0;
  for (const [start, removed, added] of cuts) {
    for (const block of blocks.slice(at, start)) next.push(block);
    for (const block of added) next.push(block);
    at = start + removed;
  }
  return [...next, ...blocks.slice(at)];
}

/** Blocks that both have stay where their order is the same. */
function cutsBetween(before: readonly string[], after: readonly string[]): Cut[] {
  const cuts: Cut[] = [];
  let start = 0;
  /** Of the cut that is not ended yet. */
  let removed = 0;
  let added: string[] = [];
  const end = () => {
    if (removed > 0 || added.length > 0) cuts.push([start, removed, added]);
    start += removed;
    removed = 0;
    added = [];
  };
  for (const [index, block] of after.entries()) {
    const at = start + removed;
    // A block that became another is likelier than one that came before it: many have the same words.
    const isInPlace = at < before.length && before[at + 1] === after[index + 1];
    const ahead =
      before[at] === block ? 0 : isInPlace ? -1 : before.slice(at, at + lookAhead).indexOf(block);
    if (ahead === -1) {
      added.push(block);
      if (isInPlace) removed += 1;
    } else {
      removed += ahead;
      end();
      start += 1;
    }
  }
  removed = before.length - start;
  end();
  return cuts;
}

function tailOf(journal: JournalFile, end: number): string {
  return sha256(journal.read(Math.max(0, end - tailBytes), end));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
