/**
 * Makes the database agree with the files, which are the truth.
 *
 * Promises: a file without a row gets one (a picture whose row was not yet written when the power
 * went, or one put there by hand); a file that was moved or renamed outside keeps its row, found by
 * its content; rows whose file is gone stay, since the file may come back.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { z } from 'zod';
import { hashOf, insertRow, type LibraryStore } from './image-changes.ts';
import { PicturePath, systemPath } from './image-rows.ts';
import { isCompletePng } from './metadata/png-chunks.ts';
import { readPictureMetadata } from './metadata/picture-metadata.ts';
import { isReservation, listPictures } from './picture-files.ts';

export interface Reconciled {
  /** Rows made for files. */
  readonly adopted: number;
  /** Rows whose file has another path now. */
  readonly relinked: number;
  /** Files that are no readable PNG and were left alone. */
  readonly unreadable: readonly string[];
}

export interface ReconcileProgress {
  readonly done: number;
  readonly total: number;
}

const PathRow = z.object({ seq: z.number().int(), path: PicturePath, content_hash: z.string() });
type PathRow = z.infer<typeof PathRow>;

/** The last moment whose keys fit into an integer that JavaScript can hold. */
const latestCreatedAt = Math.floor(Number.MAX_SAFE_INTEGER / 1000) - 1;

/**
 * Yields before each file that had no row at its path, so that the caller may give way or stop.
 * Inside the caller's transaction, or none.
 */
export function* reconcile(store: LibraryStore): Generator<ReconcileProgress, Reconciled> {
  const { folder, database } = store;
  const files = listPictures(folder, (temporary) => rmSync(temporary, { force: true }));
  const lost = new Map<string, PathRow>();
  for (const row of database.each(PathRow, 'SELECT seq, path, content_hash FROM images'))
    lost.set(row.path, row);
  const orphans = files.filter((file) => !lost.delete(file));
  const lostByHash = new Map([...lost.values()].map((row) => [row.content_hash, row]));
  const unreadable: string[] = [];
  let adopted = 0;
  let relinked = 0;
  for (const [done, file] of orphans.entries()) {
    yield { done, total: orphans.length };
    if (isReservation(folder, file)) {
      rmSync(systemPath(folder, file), { force: true });
      continue;
    }
    const bytes = readFileSync(systemPath(folder, file));
    const contentHash = hashOf(bytes);
    const row = lostByHash.get(contentHash);
    if (row) {
      const restorePath = file.startsWith('trash/')
        ? (store.marks.find(contentHash)?.restorePath ?? null)
        : null;
      database.run('UPDATE images SET path = ?, trashed = ?, restore_path = ? WHERE seq = ?', [
        file,
        Number(file.startsWith('trash/')),
        restorePath,
        row.seq,
      ]);
      lostByHash.delete(contentHash);
      relinked += 1;
    } else if (adopt(store, file, bytes, contentHash)) adopted += 1;
    else unreadable.push(file);
  }
  yield { done: orphans.length, total: orphans.length };
  return { adopted, relinked, unreadable };
}

function adopt(
  { folder, database, marks }: LibraryStore,
  file: string,
  bytes: Uint8Array,
  contentHash: string,
): boolean {
  const metadata = isCompletePng(bytes) ? readPictureMetadata(bytes) : null;
  if (!metadata) return false;
  const mark = marks.find(contentHash);
  const recipe = metadata.recipe ?? mark?.recipe ?? null;
  const createdAt = recipe?.createdAt ?? Math.floor(statSync(systemPath(folder, file)).mtimeMs);
  insertRow(database, {
    contentHash,
    path: file,
    restorePath: file.startsWith('trash/') ? (mark?.restorePath ?? null) : null,
    rating: mark?.rating ?? 0,
    createdAt: Math.min(Math.max(createdAt, 0), latestCreatedAt),
    width: metadata.width,
    height: metadata.height,
    sizeBytes: bytes.length,
    recipe,
    parameters: metadata.parameters,
  });
  return true;
}
