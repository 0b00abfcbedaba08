/**
 * Makes the database agree with the files, which are the truth.
 *
 * Promises: a file without a row gets one (a picture whose row was not yet written when the power
 * went, or one put there by hand); a file that was moved or renamed outside keeps its row, found by
 * its content; one that was changed outside keeps its marks; rows whose file is gone stay, since the
 * file may come back.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { z } from 'zod';
import { hashOf, modifiedAtOf, type LibraryStore } from './image-changes.ts';
import { changeMembers } from './album-changes.ts';
import { PicturePath, systemPath } from './image-rows.ts';
import { insertRow, moveRow } from './insert-image.ts';
import type { Mark } from './marks-journal.ts';
import { isReservation, listPictures } from './picture-files.ts';
import { rowOf } from './picture-row.ts';
import { maxPictureBytes, readPictureFile } from './read-picture-file.ts';

export interface Reconciled {
  /** Rows made for files. */
  readonly adopted: number;
  /** Rows whose file has another path now. */
  readonly relinked: number;
  /** Rows whose file holds something else now. */
  readonly changed: number;
  /** Files that are no readable pictures and were left alone. */
  readonly unreadable: readonly string[];
}

export interface ReconcileProgress {
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

const CopyRow = z.object({ path: z.string() });

/**
 * Yields before each file that has to be read, so that the caller may give way or stop. Files whose
 * row knows their size and date are not read. Inside the caller's transaction, or none.
 */
export function* reconcile(store: LibraryStore): Generator<ReconcileProgress, Reconciled> {
  const { folder, database } = store;
  const files = listPictures(folder, (temporary) => rmSync(temporary, { force: true }));
  const lost = new Map<string, PathRow>();
  const sql = 'SELECT seq, path, content_hash, missing, size_bytes, modified_at FROM images';
  for (const row of database.each(PathRow, sql)) lost.set(row.path, row);
  const toRead: { readonly file: string; readonly row: PathRow | null }[] = [];
  for (const file of files) {
    const row = lost.get(file) ?? null;
    lost.delete(file);
    if (!row || isOther(store, row)) toRead.push({ file, row });
  }
  const lostByHash = new Map([...lost.values()].map((row) => [row.content_hash, row]));
  const unreadable: string[] = [];
  const count = { adopted: 0, relinked: 0, changed: 0 };
  for (const [done, { file, row }] of toRead.entries()) {
    yield { done, total: toRead.length };
    const filePath = systemPath(folder, file);
    if (!row && isReservation(folder, file)) {
      rmSync(filePath, { force: true });
      continue;
    }
    if (statSync(filePath).size > maxPictureBytes) {
      unreadable.push(file);
      continue;
    }
    const bytes = readFileSync(filePath);
    const contentHash = hashOf(bytes);
    const moved = lostByHash.get(contentHash);
    if (row) {
      if (replace(store, row, bytes, contentHash)) count.changed += 1;
    } else if (moved) {
      const isTrashed = file.startsWith('trash/');
      const restorePath = isTrashed ? (store.marks.find(contentHash)?.restorePath ?? null) : null;
      moveRow(database, moved.seq, file, restorePath);
      lostByHash.delete(contentHash);
      lost.delete(moved.path);
      count.relinked += 1;
    } else if (adopt(store, file, bytes, contentHash, store.marks.find(contentHash))) {
      count.adopted += 1;
    } else unreadable.push(file);
  }
  for (const { seq, missing } of lost.values()) {
    if (missing === 0) database.run('UPDATE images SET missing = 1 WHERE seq = ?', [seq]);
  }
  yield { done: toRead.length, total: toRead.length };
  return { ...count, unreadable };
}

/** Whether a file is not the one that its row knows. Notes what the row does not know yet. */
export function isOther({ folder, database }: LibraryStore, row: PathRow): boolean {
  const { size, mtimeMs } = statSync(systemPath(folder, row.path));
  const modifiedAt = Math.floor(mtimeMs);
  if (row.missing === 1) database.run('UPDATE images SET missing = 0 WHERE seq = ?', [row.seq]);
  if (size === row.size_bytes && row.modified_at === null) {
    database.run('UPDATE images SET modified_at = ? WHERE seq = ?', [modifiedAt, row.seq]);
    return false;
  }
  return size !== row.size_bytes || modifiedAt !== row.modified_at;
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
