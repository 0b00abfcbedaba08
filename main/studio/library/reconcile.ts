/**
 * Makes the database agree with the files, which are the truth.
 *
 * Promises: a file without a row gets one (a picture whose row was not yet written when the power
 * went, or one put there by hand); a file that was moved or renamed outside keeps its row, found by
 * its content; one that was changed outside keeps its marks; rows whose file is gone stay, since the
 * file may come back. Which files these are is found here, `look-at-files.ts` looks at them.
 */
import { lstatSync, readFileSync, rmSync, statSync } from 'node:fs';
import { z } from 'zod';
import { hashOf, modifiedAtOf, type LibraryStore } from './image-changes.ts';
import { changeMembers } from './album-changes.ts';
import { PicturePath, systemPath } from './image-rows.ts';
import { insertRow } from './insert-image.ts';
import type { Mark } from './marks-journal.ts';
import { inOrderOfNames, listPictures, picturesByFolder } from './picture-files.ts';
import { rowOf } from './picture-row.ts';
import { maxPictureBytes, readPictureFile } from './read-picture-file.ts';

export interface AdoptProgress {
  readonly done: number;
  readonly total: number;
}

export const PathRow = z.object({
  seq: z.number().int(),
  path: PicturePath,
  content_hash: z.string(),
  missing: z.number().int(),
  size_bytes: z.number().int(),
  modified_at: z.number().int().nullable(),
});
export type PathRow = z.infer<typeof PathRow>;
export const pathColumns = 'seq, path, content_hash, missing, size_bytes, modified_at';

const CopyRow = z.object({ path: z.string() });

/**
 * Makes rows of all files, where there are none. Yields before each file, so that the caller may stop. Inside the
 * caller's transaction.
 */
export function* adoptAll(store: LibraryStore): Generator<AdoptProgress> {
  const { folder, marks } = store;
  const files = listPictures(folder, (temporary) => rmSync(temporary, { force: true }));
  for (const [done, file] of files.entries()) {
    yield { done, total: files.length };
    const filePath = systemPath(folder, file);
    if (statSync(filePath).size > maxPictureBytes) continue;
    const bytes = readFileSync(filePath);
    const contentHash = hashOf(bytes);
    adopt(store, file, bytes, contentHash, marks.find(contentHash));
  }
  yield { done: files.length, total: files.length };
}

const rowsAtOnce = 1000;

/**
 * Files without a row, those that are not as their row knows them, and rows whose file is gone. No file is read.
 *
 * Yields after each piece of the work. The library may change in between: what is found here is looked at again.
 * @returns their paths; new ones in the order of their names, by which copies are told apart
 */
export function* differingPaths(store: LibraryStore): Generator<undefined, readonly string[]> {
  const { folder, database } = store;
  const files = new Set<string>();
  const removed = (temporary: string) => rmSync(temporary, { force: true });
  for (const inFolder of picturesByFolder(folder, removed)) {
    for (const file of inFolder) files.add(file);
    yield;
  }
  const changed: string[] = [];
  const lost: string[] = [];
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const rows = database.all(
      PathRow,
      `SELECT ${pathColumns} FROM images WHERE seq > ? ORDER BY seq LIMIT ${rowsAtOnce}`,
      [after],
    );
    for (const row of rows) {
      if (!files.delete(row.path)) {
        if (row.missing === 0) lost.push(row.path);
      } else if (isOther(store, row)) changed.push(row.path);
    }
    const last = rows.at(-1);
    if (!last) break;
    after = last.seq;
    yield;
  }
  const fresh = inOrderOfNames(files).filter((file) => !isReservation(folder, file));
  return [...fresh, ...changed, ...lost];
}

/** A name that was reserved for a picture that never came, see `moveWithoutOverwritingSync`; it is given free. */
function isReservation(folder: string, file: string): boolean {
  const filePath = systemPath(folder, file);
  if (lstatSync(filePath, { throwIfNoEntry: false })?.size !== 0) return false;
  rmSync(filePath, { force: true });
  return true;
}

/** Whether a file is not the one that its row knows. Notes what the row does not know yet. */
export function isOther({ folder, database }: LibraryStore, row: PathRow): boolean {
  const found = statSync(systemPath(folder, row.path), { throwIfNoEntry: false });
  if (!found) return true;
  const modifiedAt = Math.floor(found.mtimeMs);
  if (row.missing === 1) database.run('UPDATE images SET missing = 0 WHERE seq = ?', [row.seq]);
  if (found.size === row.size_bytes && row.modified_at === null) {
    database.run('UPDATE images SET modified_at = ? WHERE seq = ?', [modifiedAt, row.seq]);
    return false;
  }
  return found.size !== row.size_bytes || modifiedAt !== row.modified_at;
}

/**
 * Albums follow in their journal alone; see `changeMembers`.
 * @returns whether the file holds something else than its row says, and is a picture
 */
export function replace(
  store: LibraryStore,
  row: PathRow,
  bytes: Uint8Array,
  contentHash: string,
): boolean {
  const { database, folder, marks } = store;
  if (contentHash === row.content_hash) {
    const modifiedAt = Math.floor(statSync(systemPath(folder, row.path)).mtimeMs);
    database.run('UPDATE images SET modified_at = ? WHERE seq = ?', [modifiedAt, row.seq]);
    return false;
  }
  // What is no picture any more stays as it is known: the doctor tells.
  if (!readPictureFile(bytes)) return false;
  const mark = marks.find(row.content_hash);
  const known = marks.find(contentHash);
  if (mark && !known) {
    const { recipe: _recipe, hidden: _hidden, ...kept } = mark;
    marks.append([{ ...kept, hash: contentHash }]);
  }
  database.run('DELETE FROM images WHERE seq = ?', [row.seq]);
  // A copy of the old content keeps its places.
  const copies = 'SELECT path FROM images WHERE content_hash = ?';
  if (!database.get(CopyRow, copies, [row.content_hash]))
    changeMembers(store, (hash) => (hash === row.content_hash ? contentHash : hash));
  return adopt(store, row.path, bytes, contentHash, marks.find(contentHash));
}

/** Makes a row for a file. @returns false where it is no readable picture */
export function adopt(
  { folder, database }: LibraryStore,
  file: string,
  bytes: Uint8Array,
  contentHash: string,
  mark: Mark | undefined,
): boolean {
  const picture = readPictureFile(bytes, mark?.hidden);
  if (!picture) return false;
  const modifiedAt = modifiedAtOf(systemPath(folder, file));
  const sizeBytes = bytes.length;
  insertRow(
    database,
    rowOf(picture, { path: file, contentHash, modifiedAt, sizeBytes }, mark),
    mark,
  );
  return true;
}
