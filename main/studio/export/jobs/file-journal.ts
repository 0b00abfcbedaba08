/**
 * What became of each picture of an export: one JSON record a line, the last of a picture counts.
 *
 * Promises: what `append` resolved for survives the death of the process or the machine; a line that was cut off
 * counts for nothing; many records that come at once share one sync; reading needs no more memory than a number
 * for each picture.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ErrorBody } from '../../../../contract/errors.ts';
import { ImageId } from '../../../../contract/ids.ts';
import { systemCode } from '../../storage-error.ts';
import { targetError } from '../targets/halt.ts';

const index = z.number().int().nonnegative();

export const FileRecord = z.discriminatedUnion('outcome', [
  /** Its files are about to appear, or have appeared: whether they are whole is for the target to say. */
  z.object({
    outcome: z.literal('written'),
    index,
    id: ImageId,
    /** Without an ending. */
    name: z.string(),
    files: z.array(
      z.object({
        name: z.string(),
        size: z.number().int(),
        hash: z.string(),
        at: z.number().int().optional(),
        crc: z.number().int().optional(),
      }),
    ),
    width: z.number().int(),
    height: z.number().int(),
    copied: z.boolean(),
  }),
  z.object({ outcome: z.literal('skipped'), index, id: ImageId, files: z.array(z.string()) }),
  z.object({
    outcome: z.literal('failed'),
    index,
    id: ImageId,
    fileName: z.string(),
    error: ErrorBody,
  }),
]);
export type FileRecord = z.infer<typeof FileRecord>;
export type WrittenRecord = Extract<FileRecord, { outcome: 'written' }>;

export interface FileJournal {
  append(record: FileRecord): Promise<void>;
  close(): Promise<void>;
}

/** @throws {TargetTrouble} `disk-full`, `library-read-only` */
export async function openFileJournal(path: string): Promise<FileJournal> {
  const file = await open(path, 'a').catch((error: unknown) => {
    throw targetError(error, path);
  });
  // A line that a crash cut off must not swallow the next one.
  let waiting = ['\n'];
  let tail: Promise<void> = Promise.resolve();
  let batch: Promise<void> | null = null;

  function flushed(): Promise<void> {
    batch ??= tail.then(async () => {
      const text = waiting.join('');
      waiting = [];
      batch = null;
      await file.appendFile(text);
      await file.datasync();
    });
    // What comes after must not fail because this did.
    tail = batch.catch(() => {});
    return batch;
  }

  return {
    append(record) {
      waiting.push(`${JSON.stringify(record)}\n`);
      return flushed().catch((error: unknown) => {
        throw targetError(error, path);
      });
    },
    async close() {
      await tail;
      await file.close();
    },
  };
}

/** The last record of each picture, in the order of the lines. */
export async function* readFileJournal(path: string): AsyncIterable<FileRecord> {
  const last = new Map<number, number>();
  for await (const [line, text] of linesOf(path)) {
    const at = /"index":(\d+)/.exec(text)?.[1];
    if (at !== undefined && parseLine(text)) last.set(Number(at), line);
  }
  for await (const [line, text] of linesOf(path)) {
    const record = parseLine(text);
    if (record && last.get(record.index) === line) yield record;
  }
}

async function* linesOf(path: string): AsyncIterable<readonly [line: number, text: string]> {
  const stream = createReadStream(path, 'utf8');
  let line = 0;
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity }))
      yield [line++, text];
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  } finally {
    stream.destroy();
  }
}

function parseLine(text: string): FileRecord | null {
  if (text === '') return null;
  try {
    return FileRecord.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
