/**
 * A file of JSON lines that only grows, beside the database: what people did and no file tells.
 *
 * Promises: `append` returns after the lines are on disk, all of them or none; a broken last line is
 * dropped; the file is rewritten at opening once much of it is stale. Called on a thread of its own.
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
import type { z } from 'zod';
import { syncFolderSync, writeTemporarySync } from '../durable-file.ts';
import { systemCode } from '../storage-error.ts';

export interface JournalFile<Line> extends Disposable {
  /** As it was found at opening. */
  readonly sizeAtOpenBytes: number;
  readonly sizeBytes: number;
  append(lines: readonly Line[]): void;
  /** Writes the lines that say all of it in place of what is there. Durable when it returns. */
  rewrite(): void;
}

export interface ReadJournal {
  /** Lines that are not empty. */
  readonly lines: number;
  /** Those that the schema refuses, or that were cut off. */
  readonly unreadable: number;
}

/** Rewritten at opening once it holds this many lines more than it needs. */
const staleLinesKept = 1000;

/**
 * @param schema lines that it refuses are left out
 * @param fold takes up a line, also each that is appended
 * @param needed the lines that say all of it
 * @throws the file system's error
 */
export function openJournalFile<Line>(
  journalPath: string,
  schema: z.ZodType<Line>,
  fold: (line: Line) => void,
  needed: () => readonly Line[],
): JournalFile<Line> {
  const text = readText(journalPath);
  const { lines } = foldText(text, schema, fold);
  const write = () => {
    const folder = path.dirname(journalPath);
    renameSync(writeTemporarySync(folder, Buffer.from(linesOf(needed()))), journalPath);
    syncFolderSync(folder);
  };
  // Rewritten as well where the last line was cut off: the next one would be appended to it.
  if (lines > needed().length + staleLinesKept || (text !== '' && !text.endsWith('\n'))) write();
  let file = openSync(journalPath, 'a');
  let { size: sizeBytes } = fstatSync(file);
  return {
    sizeAtOpenBytes: Buffer.byteLength(text),
    get sizeBytes() {
      return sizeBytes;
    },
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
      for (const line of added) fold(line);
    },
    rewrite() {
      // Windows replaces no file that is open.
      closeSync(file);
      try {
        write();
      } finally {
        file = openSync(journalPath, 'a');
        ({ size: sizeBytes } = fstatSync(file));
      }
    },
    [Symbol.dispose]() {
      closeSync(file);
    },
  };
}

/** Takes up a journal without changing it, also one that another thread is writing. @throws the file system's error */
export function readJournalFile<Line>(
  journalPath: string,
  schema: z.ZodType<Line>,
  fold: (line: Line) => void,
): ReadJournal {
  return foldText(readText(journalPath), schema, fold);
}

function foldText<Line>(
  text: string,
  schema: z.ZodType<Line>,
  fold: (line: Line) => void,
): ReadJournal {
  const lines = text.split('\n').filter((line) => line !== '');
  let unreadable = 0;
  for (const line of lines) {
    const parsed = parseLine(schema, line);
    if (parsed === null) unreadable += 1;
    else fold(parsed);
  }
  return { lines: lines.length, unreadable };
}

function readText(journalPath: string): string {
  try {
    return readFileSync(journalPath, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
}

function parseLine<Line>(schema: z.ZodType<Line>, line: string): Line | null {
  try {
    return schema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function linesOf(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
