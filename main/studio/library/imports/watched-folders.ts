/**
 * Folders whose new pictures come in by themselves.
 *
 * Promises: a file is read only once two looks found it the same; a folder that is gone is taken up
 * again when it is back; what was looked at before is not read again.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { importLimits, WatchedFolder, type ImportInto } from '../../../../contract/imports.ts';
import { createLatestBroadcast } from '../../broadcast.ts';
import { writeFileDurably } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';
import type { Importer } from './importer.ts';
import type { JobOutcome } from './job.ts';
import { createSeenFiles } from './seen-files.ts';
import { watchFolder, type FolderWatch } from './watch-folder.ts';

const Stored = WatchedFolder.omit({ state: true, problem: true });
type Stored = z.infer<typeof Stored>;

export interface WatchedFolders {
  watch(signal: AbortSignal): AsyncIterable<WatchedFolder[]>;
  /** @throws {StudioError} `bad-request` */
  add(wish: { path: string; subfolders: boolean; into: ImportInto }): Promise<WatchedFolder>;
  /** @throws {StudioError} `not-found` */
  update(
    id: string,
    change: { subfolders?: boolean | undefined; into?: ImportInto | undefined },
  ): Promise<WatchedFolder>;
  remove(id: string): Promise<void>;
  scan(id: string): void;
  close(): Promise<void>;
}

export interface WatchedFoldersOptions {
  /** The list; what was seen lies beside it. */
  readonly file: string;
  /** False keeps the list and watches nothing. */
  readonly isActive: boolean;
  readonly thread: Importer['thread'];
  /** @returns the real path of a folder that may be watched @throws {StudioError} `bad-request` */
  readonly checkPath: (path: string) => Promise<string>;
  /** Resolves once the job is over. */
  readonly importFiles: (folder: WatchedFolder, files: readonly string[]) => Promise<JobOutcome>;
  readonly now: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

interface Entry {
  folder: WatchedFolder;
  watching: FolderWatch | null;
}

/** @throws {StudioError} where the list cannot be read */
export async function openWatchedFolders(options: WatchedFoldersOptions): Promise<WatchedFolders> {
  const { file, isActive, checkPath, log } = options;
  const entries = new Map<string, Entry>();
  const changed = createLatestBroadcast<WatchedFolder[]>(shown);
  let saving: Promise<void> = Promise.resolve();

  for (const stored of await readList(file, log)) {
    const entry: Entry = {
      folder: { ...stored, state: 'scanning', problem: null },
      watching: null,
    };
    entries.set(stored.id, entry);
    begin(entry);
  }

  function shown(): WatchedFolder[] {
    return [...entries.values()]
      .map(({ folder }) => folder)
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  function seenOf(id: string) {
    return createSeenFiles(`${file}.${id}.jsonl`);
  }

  function begin(entry: Entry): void {
    if (!isActive) return;
    const { id } = entry.folder;
    entry.watching = watchFolder({
      ...options,
      folder: () => entry.folder,
      seen: seenOf(id),
      tell(change) {
        entry.folder = { ...entry.folder, ...change };
        changed.publish(shown());
        // Its state is not kept: the next start finds out.
        if (change.lastScanAt !== undefined || change.imported !== undefined) void save();
      },
    });
  }

  function save(): Promise<void> {
    const saved = saving.then(async () => {
      const list = shown().map((folder) => Stored.parse(folder));
      await writeFileDurably(file, `${JSON.stringify(list, null, 2)}\n`).catch((error: unknown) => {
        throw storageError(error, file);
      });
    });
    saving = saved.catch((error: unknown) => {
      log('warning', `The watched folders were not saved: ${StudioError.from(error).message}`);
    });
    return saved;
  }

  function entryOf(id: string): Entry {
    const entry = entries.get(id);
    if (entry) return entry;
    throw new StudioError('not-found', 'This folder is not watched any more.', { id });
  }

  return {
    watch: changed.subscribe,
    async add({ path: wanted, subfolders, into }) {
      const path = await checkPath(wanted);
      if (shown().some((folder) => folder.path === path))
        throw new StudioError('bad-request', `"${wanted}" is watched already.`, { path: wanted });
      if (entries.size >= importLimits.watchedFolders)
        throw new StudioError(
          'bad-request',
          `At most ${importLimits.watchedFolders} folders can be watched. Take one off the list first.`,
        );
      const entry: Entry = {
        folder: {
          id: randomUUID(),
          path,
          subfolders,
          into,
          state: 'scanning',
          problem: null,
          lastScanAt: null,
          imported: 0,
        },
        watching: null,
      };
      entries.set(entry.folder.id, entry);
      try {
        await save();
      } catch (error) {
        entries.delete(entry.folder.id);
        throw error;
      }
      begin(entry);
      changed.publish(shown());
      return entry.folder;
    },
    async update(id, { subfolders, into }) {
      const entry = entryOf(id);
      entry.folder = {
        ...entry.folder,
        subfolders: subfolders ?? entry.folder.subfolders,
        into: into ?? entry.folder.into,
      };
      await save();
      entry.watching?.restart();
      changed.publish(shown());
      return entry.folder;
    },
    async remove(id) {
      const entry = entryOf(id);
      entries.delete(id);
      await entry.watching?.close();
      await save();
      await seenOf(id).remove();
      changed.publish(shown());
    },
    scan(id) {
      entryOf(id).watching?.look();
    },
    async close() {
      await Promise.all([...entries.values()].map(async ({ watching }) => watching?.close()));
      await saving;
    },
  };
}

async function readList(
  file: string,
  log: WatchedFoldersOptions['log'],
): Promise<readonly Stored[]> {
  try {
    return z.array(Stored).parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    if (systemCode(error) !== null) throw storageError(error, file);
    log('warning', 'The list of watched folders could not be read; none are watched.');
    return [];
  }
}
