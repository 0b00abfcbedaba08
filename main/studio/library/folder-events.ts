/**
 * What changes in a folder and those below it.
 *
 * Promises: one watch a folder, however many files are in it; links are not followed; a folder that
 * comes later is watched too, and told of once more when it is, since files may have come before that.
 * Events can be lost, so that whoever must not miss a thing also looks now and then.
 */
import { watch, type FSWatcher } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface FolderEventsOptions {
  readonly subfolders: boolean;
  /** @param changed the absolute path of a file or folder that came, changed or went */
  readonly onChange: (changed: string) => void;
  /** Nothing more is told. */
  readonly onEnd: () => void;
  /** False where the system itself watches a whole tree at the cost of one watch. */
  readonly isWatchedByFolder?: boolean;
}

/** Systems allow a program some thousands at least. */
const mostFolders = 4000;

/** @throws the file system's error where the folder cannot be watched */
export function watchFolderEvents(
  root: string,
  {
    subfolders,
    onChange,
    onEnd,
    // Node's own recursive watch takes a watch for every file there, all of them before it returns.
    isWatchedByFolder = !['darwin', 'win32'].includes(process.platform),
  }: FolderEventsOptions,
): Disposable {
  const watchers = new Map<string, FSWatcher>();
  let isClosed = false;

  function close(): void {
    isClosed = true;
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  }

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  function open(folder: string, recursive: boolean): void {
    const watcher = watch(folder, { recursive, persistent: false }, (kind, name) => {
      const changed = name === null ? folder : path.join(folder, name);
      onChange(changed);
      if (kind === 'rename' && subfolders && !recursive) void follow(changed);
    });
    watchers.set(folder, watcher);
    watcher.on('error', () => {
      drop(folder);
      if (folder !== root || isClosed) return;
      close();
      onEnd();
    });
  }

  /** Something has that name now, or no longer. */
  async function follow(changed: string): Promise<void> {
    const found = await lstat(changed).catch(() => null);
    if (found?.isDirectory()) {
      // A folder of that name may have been another one.
      dropBelow(changed);
      if (await watchBelow(changed)) onChange(changed);
    } else dropBelow(changed);
  }

  function dropBelow(gone: string): void {
    for (const folder of watchers.keys())
      if (folder !== root && (folder === gone || folder.startsWith(gone + path.sep))) drop(folder);
  }

  /** @returns whether it is watched */
  async function watchBelow(folder: string): Promise<boolean> {
    if (isClosed) return false;
    if (!watchers.has(folder)) {
      if (watchers.size >= mostFolders) return false;
      try {
        open(folder, false);
      } catch {
        return false;
      }
    }
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries)
      if (entry.isDirectory()) await watchBelow(path.join(folder, entry.name));
    return true;
  }

  open(root, subfolders && !isWatchedByFolder);
  if (subfolders && isWatchedByFolder) void watchBelow(root);
  return { [Symbol.dispose]: close };
}
