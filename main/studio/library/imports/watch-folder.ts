/** Looks through one folder again and again: when it tells of a change, and now and then anyway. */
import { StudioError } from '../../../../contract/errors.ts';
import type { WatchedFolder } from '../../../../contract/imports.ts';
import type { SeenFile } from './import-thread-contract.ts';
import type { SeenFiles } from './seen-files.ts';
import type { WatchedFoldersOptions } from './watched-folders.ts';

export interface FolderWatch {
  /** Now. */
  look(): void;
  /** After its settings changed. */
  restart(): void;
  close(): Promise<void>;
}

interface WatchOptions extends Pick<
  WatchedFoldersOptions,
  'thread' | 'importFiles' | 'now' | 'wait' | 'log'
> {
  readonly folder: () => WatchedFolder;
  readonly seen: SeenFiles;
  readonly tell: (
    change: Partial<Pick<WatchedFolder, 'state' | 'problem' | 'lastScanAt' | 'imported'>>,
  ) => void;
}

/** Between the two looks that have to agree on a file's size and date. */
const settleMs = 1500;
/** Between looks that nothing asked for. */
const rescanMs = 3 * 60_000;
const missingMs = 15_000;

export function watchFolder(options: WatchOptions): FolderWatch {
  const { folder, seen, thread, importFiles, tell, now, wait, log } = options;
  const closing = new AbortController();
  /** Files of the last look that were new or other than known. */
  let unsettled = new Map<string, SeenFile>();
  let events: AbortController | null = null;
  let woken = Promise.withResolvers<void>();

  function wake(): void {
    woken.resolve();
  }

  /** @returns how long to wait for the next look, in milliseconds */
  async function look(): Promise<number> {
    const { path, subfolders } = folder();
    const client = await thread();
    let found: readonly SeenFile[];
    try {
      found = (await client.look({ folder: path, subfolders }, { signal: closing.signal })).files;
    } catch (error) {
      if (StudioError.from(error).code !== 'not-found') throw error;
      stopListening();
      unsettled = new Map();
      tell({
        state: 'missing',
        problem: 'The folder is not there. It is taken up again when it is back.',
      });
      return missingMs;
    }
    listen(path, subfolders);
    const settled: SeenFile[] = [];
    const next = new Map<string, SeenFile>();
    for (const file of found) {
      if (await seen.has(file)) continue;
      const before = unsettled.get(file.path);
      if (before && before.size === file.size && before.mtimeMs === file.mtimeMs)
        settled.push(file);
      else next.set(file.path, file);
    }
    unsettled = next;
    if (settled.length > 0) {
      tell({ state: 'scanning', problem: null });
      const outcome = await importFiles(
        folder(),
        settled.map((file) => file.path),
      );
      if (closing.signal.aborted) return rescanMs;
      tell({ imported: folder().imported + outcome.imported });
      if (outcome.error) throw outcome.error;
      // Also what was cancelled: it was not wanted.
      await seen.add(settled);
    }
    if (next.size > 0) return settleMs;
    tell({ state: 'watching', problem: null, lastScanAt: now() });
    return rescanMs;
  }

  function listen(path: string, subfolders: boolean): void {
    if (events) return;
    const listening = new AbortController();
    events = listening;
    void (async () => {
      try {
        const client = await thread();
        for await (const _change of client.changes(
          { folder: path, subfolders },
          { signal: listening.signal },
        ))
          wake();
      } catch {
        // The folder is looked through now and then all the same.
      }
      if (events === listening) events = null;
    })();
  }

  function stopListening(): void {
    events?.abort();
    events = null;
  }

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      let pauseMs = rescanMs;
      woken = Promise.withResolvers();
      try {
        pauseMs = await look();
      } catch (error) {
        if (closing.signal.aborted) return;
        const { message } = StudioError.from(error);
        log('warning', `"${folder().path}" could not be looked through: ${message}`);
        tell({ state: 'failed', problem: message });
      }
      const pausing = new AbortController();
      const either = AbortSignal.any([pausing.signal, closing.signal]);
      // Two looks that follow each other at once would agree on a file that still grows.
      if (pauseMs === settleMs) await wait(settleMs, either);
      else await Promise.race([woken.promise, wait(pauseMs, either)]);
      pausing.abort();
    }
  }
  const following = follow();

  return {
    look: wake,
    restart() {
      stopListening();
      wake();
    },
    async close() {
      closing.abort();
      stopListening();
      wake();
      await following;
    },
  };
}
