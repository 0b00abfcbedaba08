/**
 * What people did to pictures and what the files themselves do not say, beside the database:
 * ratings, where a trashed picture came from, recipes that were not to be embedded.
 *
 * Promises: `append` returns after the lines are on disk; the database can be made anew from the
 * pictures and this file; a broken last line is dropped. Keyed by content hash, since file names
 * may change outside. Called on the library's own thread, so that it may block.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ContentHash } from '../../../contract/ids.ts';
import { Recipe } from '../../../contract/images.ts';
import { writeTemporarySync } from '../durable-file.ts';
import { systemCode } from '../storage-error.ts';
import { PicturePath } from './image-rows.ts';

const Mark = z.object({
  hash: ContentHash,
  rating: z.number().int().min(0).max(5).optional(),
  /** Where a trashed picture lay; null once it is restored. */
  restorePath: PicturePath.nullable().optional(),
  recipe: Recipe.optional(),
  /** Deleted for good: nothing is known of this content any more. */
  deleted: z.literal(true).optional(),
});
export type Mark = z.infer<typeof Mark>;

export interface MarksJournal extends Disposable {
  /** All that is known of a content, later lines over earlier ones. */
  find(contentHash: string): Mark | undefined;
  append(marks: readonly Mark[]): void;
}

/** Rewritten at opening once it holds this many lines that later ones have overtaken. */
const staleLinesKept = 1000;

/** @throws the file system's error */
export function openMarksJournal(folder: string): MarksJournal {
  const journalPath = path.join(folder, 'library-journal.jsonl');
  const text = readText(journalPath);
  const lines = text.split('\n').filter((line) => line !== '');
  const marks = new Map<string, Mark>();
  for (const line of lines) {
    const mark = parseMark(line);
    if (mark) fold(marks, mark);
  }
  // Rewritten as well where the last line was cut off: the next one would be appended to it.
  if (lines.length > marks.size + staleLinesKept || (text !== '' && !text.endsWith('\n'))) {
    renameSync(writeTemporarySync(folder, Buffer.from(linesOf([...marks.values()]))), journalPath);
  }
  const file = openSync(journalPath, 'a');
  let { size: sizeBytes } = fstatSync(file);

  return {
    find: (contentHash) => marks.get(contentHash),
    append(added) {
      if (added.length === 0) return;
      const bytes = Buffer.from(linesOf(added));
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
        fsyncSync(file);
      } catch (error) {
        // Half a line would swallow the next one.
        ftruncateSync(file, sizeBytes);
        throw error;
      }
      sizeBytes += bytes.length;
      for (const mark of added) fold(marks, mark);
    },
    [Symbol.dispose]() {
      closeSync(file);
    },
  };
}

function readText(journalPath: string): string {
  try {
    return readFileSync(journalPath, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
}

function parseMark(line: string): Mark | null {
  try {
    return Mark.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function fold(marks: Map<string, Mark>, mark: Mark): void {
  if (mark.deleted) marks.delete(mark.hash);
  else marks.set(mark.hash, { ...marks.get(mark.hash), ...mark });
}

function linesOf(marks: readonly Mark[]): string {
  return marks.map((mark) => `${JSON.stringify(mark)}\n`).join('');
}
