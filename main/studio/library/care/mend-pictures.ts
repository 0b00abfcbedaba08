/**
 * Mending what is wrong between one file and its row. Each looks again first: the check was a while ago.
 *
 * Promises: no file of a picture is deleted; what is known of a row that goes is in the marks journal
 * before. Inside the caller's transaction, on the library's own thread.
 */
import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ContentHash } from '../../../../contract/ids.ts';
import { moveWithoutOverwritingSync, syncFolderSync } from '../../durable-file.ts';
import { hashOf, type LibraryStore } from '../image-changes.ts';
import { PicturePath, systemPath } from '../image-rows.ts';
import { moveRow } from '../insert-image.ts';
import { parseRecipe } from '../metadata/picture-metadata.ts';
import { maxPictureBytes, readPictureFile } from '../read-picture-file.ts';
import { PathRow, adopt, pathColumns, replace } from '../reconcile.ts';
import { differences } from './check-pictures.ts';
import { soundRow, storedRow, type StoredRow } from './checked-rows.ts';
import type { Mended } from './problem.ts';

const setAsideFolder = 'set-aside';
const SeqRow = z.object({ seq: z.number().int() });
const LostRow = z.looseObject({
  recipe: z.string().nullable(),
  imported_from: z.string().nullable(),
  restore_path: z.string().nullable(),
});

const asTold: Mended = { isMended: true, remedy: null };
export const mendedItself: Mended = { isMended: true, remedy: 'It was in order by itself.' };

function readFile(folder: string, file: string): Uint8Array | null {
  const filePath = systemPath(folder, file);
  const found = lstatSync(filePath, { throwIfNoEntry: false });
  return found?.isFile() && found.size <= maxPictureBytes ? readFileSync(filePath) : null;
}

function isThere(folder: string, file: string): boolean {
  return lstatSync(systemPath(folder, file), { throwIfNoEntry: false })?.isFile() ?? false;
}

function rowAt({ database }: LibraryStore, file: string): PathRow | undefined {
  return database.get(PathRow, `SELECT ${pathColumns} FROM images WHERE path = ?`, [file]);
}

/** A file that no row has: a copy, one that a row lost, or a new one. */
export function mendOrphan(store: LibraryStore, file: string): Mended {
  const { folder, database, marks } = store;
  const bytes = readFile(folder, file);
  const row = rowAt(store, file);
  if (row) {
    if (row.missing === 1 && bytes && hashOf(bytes) === row.content_hash)
      database.run('UPDATE images SET missing = 0 WHERE seq = ?', [row.seq]);
    return mendedItself;
  }
  if (!bytes) return mendedItself;
  const hash = hashOf(bytes);
  const lost = database
    .all(PathRow, `SELECT ${pathColumns} FROM images WHERE content_hash = ?`, [hash])
    .find((copy) => !isThere(folder, copy.path));
  if (lost) {
    const restorePath = file.startsWith('trash/') ? (marks.find(hash)?.restorePath ?? null) : null;
    moveRow(database, lost.seq, file, restorePath);
    return { isMended: true, remedy: 'It was found again by its content.' };
  }
  if (adopt(store, file, bytes, hash, marks.find(hash))) return asTold;
  return mendUnreadable(store, file);
}

/** @param foundAt where the same content lies without a row */
export function mendMissing(store: LibraryStore, seq: number, foundAt: string | null): Mended {
  const row = storedRow(store.database, seq);
  if (!row || isThere(store.folder, row.path)) return mendedItself;
  if (foundAt !== null && !rowAt(store, foundAt)) {
    const bytes = readFile(store.folder, foundAt);
    if (bytes && hashOf(bytes) === row.content_hash) return mendOrphan(store, foundAt);
  }
  takeOut(store, row);
  return {
    isMended: true,
    remedy: 'Its row was taken out and its marks are kept: with the file everything comes back.',
  };
}

export function mendChanged(store: LibraryStore, file: string): Mended {
  const row = rowAt(store, file);
  const bytes = readFile(store.folder, file);
  if (!row || !bytes) return mendedItself;
  const hash = hashOf(bytes);
  if (hash === row.content_hash) return mendedItself;
  return replace(store, row, bytes, hash) ? asTold : mendUnreadable(store, file);
}

/** Makes a row anew from its file, with the marks of its content. */
export function mendRow(store: LibraryStore, seq: number): Mended {
  const { folder, database, marks } = store;
  const row = storedRow(database, seq);
  if (!row) return mendedItself;
  const isPlaced = PicturePath.safeParse(row.path).success;
  const bytes = isPlaced ? readFile(folder, row.path) : null;
  const sound = soundRow(row);
  if (typeof sound !== 'string' && bytes && differences(sound, bytes) === '') return mendedItself;
  if (!bytes) {
    takeOut(store, row);
    return { isMended: true, remedy: 'Its file is gone: the row was taken out.' };
  }
  const hash = hashOf(bytes);
  const picture = readPictureFile(bytes);
  if (!picture) return mendUnreadable(store, row.path);
  const isOther = hash !== row.content_hash && ContentHash.safeParse(row.content_hash).success;
  const before = isOther && !marks.find(hash) ? marks.find(row.content_hash) : undefined;
  if (before) {
    const { recipe: _recipe, hidden: _hidden, ...kept } = before;
    marks.append([{ ...kept, hash }]);
  } else if (!isOther && !picture.recipe) keepOf(store, row, hash);
  database.run('DELETE FROM images WHERE seq = ?', [seq]);
  adopt(store, row.path, bytes, hash, marks.find(hash));
  return asTold;
}

/** Moves a file that is no picture out of the way, under its own name if that is free. */
export function mendUnreadable(store: LibraryStore, file: string): Mended {
  const { folder, database } = store;
  const bytes = readFile(folder, file);
  const row = database.get(SeqRow, 'SELECT seq FROM images WHERE path = ?', [file]);
  if (!isThere(folder, file) || (bytes && readPictureFile(bytes))) return mendedItself;
  const from = systemPath(folder, file);
  const aside = path.join(folder, setAsideFolder);
  mkdirSync(aside, { recursive: true });
  const name = moveWithoutOverwritingSync(from, aside, path.basename(from));
  syncFolderSync(aside);
  const known = row && storedRow(database, row.seq);
  if (known) takeOut(store, known);
  return { isMended: true, remedy: `It was moved to "${setAsideFolder}/${name}".` };
}

function takeOut(store: LibraryStore, row: StoredRow): void {
  keepOf(store, row, row.content_hash);
  store.database.run('DELETE FROM images WHERE seq = ?', [row.seq]);
}

/** What the journal does not know yet of a row that goes, so that albums and recipe find their way back. */
function keepOf({ marks }: LibraryStore, row: StoredRow, hash: string): void {
  if (!ContentHash.safeParse(hash).success) return;
  const known = marks.find(hash);
  const lost = LostRow.safeParse(row).data;
  const recipe = known?.recipe ?? parseRecipe(lost?.recipe ?? null) ?? undefined;
  const importedFrom = known?.importedFrom ?? lost?.imported_from ?? undefined;
  const restorePath =
    known?.restorePath ?? PicturePath.nullable().safeParse(lost?.restore_path).data ?? undefined;
  // A line of its own, even where it says nothing more: albums hold what the journal knows.
  if (
    known &&
    recipe === known.recipe &&
    importedFrom === known.importedFrom &&
    restorePath === known.restorePath
  )
    return;
  marks.append([
    {
      hash,
      ...(recipe ? { recipe } : {}),
      ...(importedFrom === undefined ? {} : { importedFrom }),
      ...(restorePath === undefined ? {} : { restorePath }),
    },
  ]);
}
