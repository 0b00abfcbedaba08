/**
 * Watches the library's own picture folders while it is open, and has files looked at that changed.
 *
 * Promises: a file is looked at once its folder told nothing of it for a while; few files at a time,
 * so that marks do not wait; what is missed here is found at the next start.
 */
import { readdir, lstat } from 'node:fs/promises';
import path from 'node:path';
import { isTemporaryName } from '../durable-file.ts';
import { watchFolderEvents } from './folder-events.ts';
import { pictureFolders } from './image-rows.ts';
import { isPictureFileName } from './picture-files.ts';
import { filesAtOnce } from './worker-contract.ts';

export interface FollowFilesOptions {
  /** The library folder. */
  readonly folder: string;
  /** @param paths relative to the library, with `/` */
  readonly look: (paths: readonly string[]) => Promise<void>;
  readonly log: (level: 'warning', text: string) => void;
}

const quietMs = 1000;
/** Also where a folder never falls silent. */
const longestWaitMs = 5000;

/** @returns stops looking and waits for what is being looked at */
export function followFiles({ folder, look, log }: FollowFilesOptions): AsyncDisposable {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let since: number | null = null;
  let looking: Promise<void> = Promise.resolve();
  let isClosed = false;

  function note(filePath: string): void {
    if (isClosed || isTemporaryName(path.basename(filePath))) return;
    changed.add(filePath);
    const now = performance.now();
    since ??= now;
    if (timer) clearTimeout(timer);
    timer = setTimeout(start, Math.min(quietMs, Math.max(0, since + longestWaitMs - now)));
    timer.unref();
  }

  function start(): void {
    timer = null;
    since = null;
    const files = [...changed];
    changed.clear();
    looking = looking
      .then(() => lookAt(files))
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (!isClosed) log('warning', `Files that changed outside could not be looked at: ${why}`);
      });
  }

  async function lookAt(files: readonly string[]): Promise<void> {
    const paths: string[] = [];
    for (const file of files) await gather(file, paths);
    const distinct = [...new Set(paths)];
    for (let at = 0; at < distinct.length && !isClosed; at += filesAtOnce)
      await look(distinct.slice(at, at + filesAtOnce));
  }

  /** A file, all files of a folder, or what is gone: that may have been a folder. */
  async function gather(file: string, paths: string[]): Promise<void> {
    const found = await lstat(file).catch(() => null);
    if (found?.isDirectory()) {
      for (const name of await readdir(file).catch(() => [])) {
        if (isClosed) return;
        await gather(path.join(file, name), paths);
      }
    } else if (!found || isPictureFileName(file))
      paths.push(path.relative(folder, file).split(path.sep).join('/'));
  }

  const watches = pictureFolders.flatMap((name) => {
    try {
      const options = { subfolders: true, onChange: note, onEnd: () => {} };
      return [watchFolderEvents(path.join(folder, name), options)];
    } catch {
      // Not every file system can be watched.
      return [];
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      if (timer) clearTimeout(timer);
      for (const watched of watches) watched[Symbol.dispose]();
      await looking;
    },
  };
}
