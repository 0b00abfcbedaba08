/**
 * What the studio did, for people: an append-only file with a bound.
 *
 * Promises: `log` never throws and never waits; ids rise without gaps over the file's life; the
 * file holds at most twice the entries that can be asked for.
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ActivityEntry } from '../../../contract/system.ts';
import { createEveryBroadcast } from '../broadcast.ts';
import { writeFileDurably } from '../durable-file.ts';

export interface Activity {
  log(kind: ActivityEntry['kind'], level: ActivityEntry['level'], text: string): void;
  /** Newest first. @param before only entries with a smaller id; null for the newest */
  page(before: number | null, limit: number): readonly ActivityEntry[];
  /** Every entry from now on. */
  watch(signal: AbortSignal): AsyncIterable<ActivityEntry>;
  /** Resolves once all entries are in the file. */
  close(): Promise<void>;
}

export interface ActivityOptions {
  readonly dataFolder: string;
  readonly now: () => number;
  /** How many entries are kept. */
  readonly maxEntries?: number;
}

const maxTextLength = 4000;

/** A file that cannot be read or written costs the history, not the program: entries then live in memory. */
export async function openActivity({
  dataFolder,
  now,
  maxEntries = 2000,
}: ActivityOptions): Promise<Activity> {
  const activityPath = path.join(dataFolder, 'activity.jsonl');
  await mkdir(dataFolder, { recursive: true }).catch(() => {});
  const stored = await readEntries(activityPath);
  let entries = stored.slice(-maxEntries);
  let linesInFile = stored.length;
  let nextId = (entries.at(-1)?.id ?? 0) + 1;
  let unwritten: ActivityEntry[] = [];
  let tail: Promise<void> = Promise.resolve();
  const added = createEveryBroadcast<ActivityEntry>();

  async function write(): Promise<void> {
    const batch = unwritten;
    unwritten = [];
    if (batch.length === 0) return;
    try {
      if (linesInFile + batch.length > 2 * maxEntries) {
        // The batch is among the entries.
        await writeFileDurably(activityPath, linesOf(entries));
        linesInFile = entries.length;
      } else {
        await appendFile(activityPath, linesOf(batch));
        linesInFile += batch.length;
      }
    } catch {
      // A full disk is reported where it hurts; here the entries stay in memory.
    }
  }

  return {
    log(kind, level, text) {
      const entry = { id: nextId, at: now(), kind, level, text: text.slice(0, maxTextLength) };
      nextId += 1;
      entries.push(entry);
      if (entries.length > maxEntries) entries = entries.slice(-maxEntries);
      unwritten.push(entry);
      if (unwritten.length === 1) tail = tail.then(write);
      added.publish(entry);
    },
    page(before, limit) {
      const older = before === null ? entries : entries.filter(({ id }) => id < before);
      return older.slice(-limit).toReversed();
    },
    watch: added.subscribe,
    close: () => tail,
  };
}

async function readEntries(activityPath: string): Promise<ActivityEntry[]> {
  let text: string;
  try {
    text = await readFile(activityPath, 'utf8');
  } catch {
    return [];
  }
  const lines = text.split('\n');
  // A last line that was cut off must not swallow the next entry.
  const isWhole = lines.pop() === '';
  if (!isWhole) await appendFile(activityPath, '\n').catch(() => {});
  return lines.map(parseEntry).filter((entry) => entry !== null);
}

function parseEntry(line: string): ActivityEntry | null {
  try {
    return ActivityEntry.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function linesOf(entries: readonly ActivityEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
