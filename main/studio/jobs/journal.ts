/**
 * The queue on disk: one JSON record per line, appended and synced before a change is acknowledged.
 *
 * Promises: what `append` resolved for survives the death of the process or the machine; a last
 * line that was cut off is dropped; reading compacts the file, atomically.
 */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { JobId } from '../../../contract/ids.ts';
import { Job } from '../../../contract/queue.ts';
import { writeFileDurably } from '../durable-file.ts';
import { storageError, systemCode } from '../storage-error.ts';

const Entry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: Job }),
  z.object({ type: z.literal('removed'), id: JobId }),
  /** Ids of the queued jobs, first to run first. */
  z.object({ type: z.literal('order'), ids: z.array(JobId) }),
  z.object({ type: z.literal('paused'), paused: z.boolean() }),
]);
export type JournalEntry = z.infer<typeof Entry>;

export interface JournalState {
  readonly paused: boolean;
  /** Queued jobs in running order, then the others in the order they were added. */
  readonly jobs: readonly Job[];
}

export interface Journal {
  readonly restored: JournalState;
  append(entries: readonly JournalEntry[]): Promise<void>;
  close(): Promise<void>;
}

/** @throws {StudioError} `library-read-only` or `disk-full` */
export async function openJournal(path: string): Promise<Journal> {
  const restored = replay(await readLines(path));
  try {
    await compact(path, restored);
    const file = await open(path, 'a');
    return { restored, ...appender(file) };
  } catch (error) {
    throw storageError(error, path);
  }

  function appender(file: FileHandle): Pick<Journal, 'append' | 'close'> {
    let tail: Promise<void> = Promise.resolve();
    return {
      append(entries) {
        const text = linesOf(entries);
        const written = tail.then(async () => {
          await file.appendFile(text);
          await file.datasync();
        });
        // The next append must not fail because this one did.
        tail = written.catch(() => {});
        return written.catch((error: unknown) => {
          throw storageError(error, path);
        });
      },
      async close() {
        await tail;
        await file.close();
      },
    };
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw storageError(error, path);
  }
}

function replay(lines: readonly string[]): JournalState {
  const jobs = new Map<string, Job>();
  let order: readonly string[] = [];
  let paused = false;
  for (const line of lines) {
    const entry = parseLine(line);
    if (!entry) continue;
    switch (entry.type) {
      case 'job':
        jobs.set(entry.job.id, entry.job);
        break;
      case 'removed':
        jobs.delete(entry.id);
        break;
      case 'order':
        order = entry.ids;
        break;
      case 'paused':
        paused = entry.paused;
        break;
      default:
        entry satisfies never;
    }
  }
  const ordered = order.flatMap((id) => jobs.get(id) ?? []);
  const rest = [...jobs.values()].filter((job) => !order.includes(job.id));
  return { paused, jobs: [...ordered, ...rest] };
}

function parseLine(line: string): JournalEntry | null {
  if (line === '') return null;
  try {
    const parsed = Entry.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function compact(path: string, state: JournalState): Promise<void> {
  const entries: JournalEntry[] = [
    { type: 'paused', paused: state.paused },
    ...state.jobs.map((job): JournalEntry => ({ type: 'job', job })),
  ];
  await writeFileDurably(path, linesOf(entries));
}

function linesOf(entries: readonly JournalEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
