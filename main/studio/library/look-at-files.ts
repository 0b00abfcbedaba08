/**
 * Takes up what became of single files of the library, at its opening and while it is open.
 *
 * Promises: those of `reconcile.ts`; rows find files that moved by their content, whichever of the two
 * paths is told of first; what is no whole picture is left alone, since it may still be written.
 * Blocking: for the library's own thread, a few files a turn.
 */
import { lstatSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { LibraryChange } from '../../../contract/images.ts';
import { storageError } from '../storage-error.ts';
import { catchUpAlbums } from './album-rows.ts';
import { hashOf, type LibraryStore } from './image-changes.ts';
import { PicturePath, systemPath } from './image-rows.ts';
import { moveRow } from './insert-image.ts';
import { isPictureFileName } from './picture-files.ts';
import { adopt, isOther, pathColumns, PathRow, replace } from './reconcile.ts';
import { maxPictureBytes } from './read-picture-file.ts';

export interface Looked {
  readonly changes: LibraryChange[];
  readonly adopted: number;
  readonly relinked: number;
  readonly changed: number;
  /** Files that are no readable pictures and were left alone. */
  readonly unreadable: string[];
}

const RowOfFile = PathRow.extend({ id: z.string() });
type RowOfFile = z.infer<typeof RowOfFile>;
const columns = `id, ${pathColumns}`;

/**
 * @param paths of files, relative to the library; of folders that are gone
 * @throws {StudioError} `disk-full`, `library-read-only`
 */
export function lookAtFiles(store: LibraryStore, paths: readonly string[]): Looked {
  const { folder, database } = store;
  const moved: string[] = [];
  const lost: string[] = [];
  const unreadable: string[] = [];
  const count = { adopted: 0, changed: 0 };
  try {
    database.transaction(() => {
      const known = paths.flatMap((path) => rowsAt(store, path));
      for (const path of new Set(paths)) {
        if (!PicturePath.safeParse(path).success || !isPictureFileName(path)) continue;
        const row = known.find((each) => each.path === path);
        const size = sizeOf(folder, path);
        if (size === null || size === 0) continue;
        if (size > maxPictureBytes) {
          unreadable.push(path);
          continue;
        }
        if (row && !isOther(store, row)) {
          if (row.missing === 1) moved.push(row.id);
          continue;
        }
        const bytes = readIfThere(systemPath(folder, path));
        if (!bytes) continue;
        const contentHash = hashOf(bytes);
        if (row) {
          if (replace(store, row, bytes, contentHash)) count.changed += 1;
          continue;
        }
        const away = rowsOf(store, contentHash).find((each) => sizeOf(folder, each.path) === null);
        if (away) {
          const mark = store.marks.find(contentHash);
          const restorePath = path.startsWith('trash/') ? (mark?.restorePath ?? null) : null;
          moveRow(database, away.seq, path, restorePath);
          moved.push(away.id);
        } else if (adopt(store, path, bytes, contentHash, store.marks.find(contentHash)))
          count.adopted += 1;
        else unreadable.push(path);
      }
      // After all files: those that were found under another name are not among these any more.
      for (const row of paths.flatMap((path) => rowsAt(store, path))) {
        if (row.missing === 1 || sizeOf(folder, row.path) !== null) continue;
        database.run('UPDATE images SET missing = 1 WHERE seq = ?', [row.seq]);
        lost.push(row.id);
      }
      if (count.changed > 0) catchUpAlbums(store);
    });
  } catch (error) {
    throw storageError(error, folder);
  }
  const ids = [...new Set([...moved, ...lost])];
  const changes: LibraryChange[] = [];
  if (count.adopted + count.changed > 0) changes.push({ kind: 'reset', ids: [] });
  else if (ids.length > 0) changes.push({ kind: 'changed', ids });
  return { changes, ...count, relinked: moved.length, unreadable };
}

/** The row of a file, or those below a folder. */
function rowsAt({ database }: LibraryStore, path: string): RowOfFile[] {
  // "0" follows "/": the names between are those below the folder.
  return database.all(
    RowOfFile,
    `SELECT ${columns} FROM images WHERE path = ? OR (path >= ? AND path < ?)`,
    [path, `${path}/`, `${path}0`],
  );
}

function rowsOf({ database }: LibraryStore, contentHash: string): RowOfFile[] {
  return database.all(
    RowOfFile,
    `SELECT ${columns} FROM images WHERE content_hash = ? ORDER BY seq`,
    [contentHash],
  );
}

/** Null where there is no such file; a link is none. */
function sizeOf(folder: string, path: string): number | null {
  const found = lstatSync(systemPath(folder, path), { throwIfNoEntry: false });
  return found?.isFile() ? found.size : null;
}

function readIfThere(filePath: string): Buffer | null {
  try {
    return readFileSync(filePath);
  } catch {
    // It went, or may not be read: a later event or the next start tells.
    return null;
  }
}
