/**
 * Import jobs on disk, a file of JSON lines each.
 *
 * Promises: a job that was added survives the death of the machine, and what became of each file the
 * death of the process; a line that was cut off is dropped, and its file is looked at again.
 */
import { mkdir, open, readFile, readdir, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ErrorBody } from '../../../../contract/errors.ts';
import { Timestamp } from '../../../../contract/ids.ts';
import { ImportInto, ImportJob, ImportState, ImportedFile } from '../../../../contract/imports.ts';
import { writeFileDurably } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';

const JobLine = ImportJob.pick({ id: true, origin: true, into: true, createdAt: true });
export type StoredJob = z.infer<typeof JobLine>;

const JobEnd = z.object({
  state: ImportState.extract(['done', 'cancelled', 'failed']),
  error: ErrorBody.nullable(),
  finishedAt: Timestamp,
});
export type JobEnd = z.infer<typeof JobEnd>;

const FileLine = z.object({
  file: ImportedFile,
  /** Of a file that was copied. */
  bytes: z.number().int().default(0),
});
export type FileLine = z.infer<typeof FileLine>;

const Line = z.union([
  FileLine,
  z.object({ end: JobEnd }),
  z.object({ job: JobLine.extend({ into: ImportInto }) }),
]);

export interface JobRecord {
  readonly job: StoredJob;
  readonly files: readonly FileLine[];
  /** Null for a job that is not finished. */
  readonly end: JobEnd | null;
}

export interface ImportJournal {
  /** All jobs, the oldest first. @throws {StudioError} */
  readAll(): Promise<JobRecord[]>;
  /** @returns null where there is none */
  read(id: string): Promise<JobRecord | null>;
  /** On disk when it resolves. @throws {StudioError} `disk-full`, `library-read-only` */
  add(job: StoredJob): Promise<void>;
  /** Goes on with a job's file. The caller closes it. */
  write(id: string): Promise<JobWriter>;
  end(id: string, end: JobEnd): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface JobWriter extends AsyncDisposable {
  note(files: readonly FileLine[]): Promise<void>;
}

const ending = '.jsonl';

export function createImportJournal(folder: string): ImportJournal {
  const fileOf = (id: string) => path.join(folder, `${id}${ending}`);

  async function append(id: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
    const file = fileOf(id);
    try {
      const handle = await open(file, 'a');
      try {
        await work(handle);
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw storageError(error, file);
    }
  }

  async function read(id: string): Promise<JobRecord | null> {
    const file = fileOf(id);
    try {
      return recordOf(await readFile(file, 'utf8'));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw storageError(error, file);
    }
  }

  return {
    read,
    async readAll() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return [];
        throw storageError(error, folder);
      });
      const ids = names
        .filter((name) => name.endsWith(ending))
        .map((name) => name.slice(0, -ending.length));
      const records = await Promise.all(ids.map(read));
      return records
        .filter((record) => record !== null)
        .toSorted((a, b) => a.job.createdAt - b.job.createdAt);
    },
    async add(job) {
      try {
        await mkdir(folder, { recursive: true });
        await writeFileDurably(fileOf(job.id), lineOf({ job }));
      } catch (error) {
        throw storageError(error, folder);
      }
    },
    async write(id) {
      const file = fileOf(id);
      try {
        const handle = await open(file, 'a');
        // Half a line of an earlier run would swallow the next one.
        await handle.appendFile('\n');
        return {
          async note(files) {
            if (files.length === 0) return;
            await handle.appendFile(files.map(lineOf).join('')).catch((error: unknown) => {
              throw storageError(error, file);
            });
          },
          [Symbol.asyncDispose]: () => handle.close(),
        };
      } catch (error) {
        throw storageError(error, file);
      }
    },
    end: (id, end) =>
      append(id, async (handle) => {
        await handle.appendFile(`\n${lineOf({ end })}`);
        await handle.sync();
      }),
    remove: (id) => rm(fileOf(id), { force: true }),
  };
}

function lineOf(line: z.input<typeof Line>): string {
  return `${JSON.stringify(line)}\n`;
}

/** @returns null where even the first line is not there */
function recordOf(text: string): JobRecord | null {
  let job: StoredJob | null = null;
  let end: JobEnd | null = null;
  const files: FileLine[] = [];
  for (const line of text.split('\n')) {
    const parsed = line === '' ? null : parseLine(line);
    if (!parsed) continue;
    if ('job' in parsed) job = parsed.job;
    else if ('end' in parsed) end = parsed.end;
    else files.push(parsed);
  }
  return job && { job, files, end };
}

function parseLine(line: string): z.infer<typeof Line> | null {
  try {
    return Line.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
