/**
 * The trash: pictures on their way out, and back.
 *
 * Promises: no file is ever overwritten; where a picture came from is in the marks journal before it
 * moves; a row that is behind its file after a crash is found by the file's content. Blocking: for
 * the library's own thread.
 */
import { rmSync } from 'node:fs';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { storageError, systemCode } from '../storage-error.ts';
import { changeMembers } from './album-changes.ts';
import { catchUpAlbums } from './album-rows.ts';
import type { Outcome } from './change-history.ts';
import type { LibraryStore } from './image-changes.ts';
import { placeRowOf } from './image-queries.ts';
import { PlaceRow, placeColumns, systemPath } from './image-rows.ts';
import { moveRow } from './insert-image.ts';
import { movePicture, syncPictureFolders } from './picture-files.ts';

const IdRow = z.object({ id: z.string() });

/**
 * Moves files into `trash/`; those that are there already stay.
 * @throws {StudioError} `not-found` before anything changes, or after what came before a file that is gone
 */
export function trashImages(store: LibraryStore, ids: readonly string[]): Outcome {
  const places = placesOf(store, ids).filter(({ trashed }) => !trashed);
  try {
    store.marks.append(
      places.map((place) => ({ hash: place.content_hash, restorePath: place.path })),
    );
  } catch (error) {
    throw storageError(error, store.folder);
  }
  const moved = moveAll(
    store,
    places.map((place) => ({
      place,
      wish: place.path.replace(/^images\//, 'trash/'),
      restorePath: place.path,
    })),
  );
  return {
    changes: moved.length > 0 ? [{ kind: 'trashed', ids: moved }] : [],
    weight: moved.length,
    undo: (current) => restoreImages(current, stillThere(current, moved)),
  };
}

/** Undoes `trashImages`. Where the old name is taken by now, the picture gets a number behind its name. */
export function restoreImages(store: LibraryStore, ids: readonly string[]): Outcome {
  const places = placesOf(store, ids).filter(({ trashed }) => trashed);
  const moved = moveAll(
    store,
    places.map((place) => ({
      place,
      wish: place.restore_path ?? place.path.replace(/^trash\//, 'images/'),
      restorePath: null,
    })),
  );
  return {
    changes: moved.length > 0 ? [{ kind: 'restored', ids: moved }] : [],
    weight: moved.length,
    undo: (current) => trashImages(current, stillThere(current, moved)),
  };
}

/** A picture that was deleted for good since then cannot be moved back. */
function stillThere({ database }: LibraryStore, ids: readonly string[]): string[] {
  return ids.filter((id) => database.get(IdRow, 'SELECT id FROM images WHERE id = ?', [id]));
}

function placesOf({ database }: LibraryStore, ids: readonly string[]): PlaceRow[] {
  return [...new Set(ids)].map((id) => placeRowOf(database, id));
}

interface Move {
  readonly place: PlaceRow;
  readonly wish: string;
  readonly restorePath: string | null;
}

/**
 * Files first, then all rows at once: after a crash in between, files are found by their content.
 * Where a file cannot be moved, those before it are, and their rows say so.
 */
function moveAll({ folder, database }: LibraryStore, moves: readonly Move[]): string[] {
  const moved: { move: Move; path: string }[] = [];
  let failure: StudioError | null = null;
  for (const move of moves) {
    try {
      moved.push({ move, path: movePicture(folder, move.place.path, move.wish) });
    } catch (error) {
      failure = moveError(error, folder, move.place);
      break;
    }
  }
  try {
    syncPictureFolders(
      folder,
      moved.flatMap(({ move, path }) => [move.place.path, path]),
    );
    database.transaction(() => {
      for (const { move, path } of moved) {
        moveRow(database, move.place.seq, path, move.restorePath);
      }
    });
  } catch (error) {
    throw storageError(error, folder);
  }
  if (failure !== null) throw failure;
  return moved.map(({ move }) => move.place.id);
}

function moveError(error: unknown, folder: string, { id, path }: PlaceRow): StudioError {
  if (systemCode(error) !== 'ENOENT') return storageError(error, folder);
  return new StudioError(
    'not-found',
    `The file "${path}" was moved or deleted outside Atelier. Restart Atelier to find it again.`,
    { id, path },
    { cause: error },
  );
}

/**
 * Deletes all trashed pictures for good. Rows first: what a crash leaves of the files is found again
 * in the trash, where a row without its file would be told as a loss.
 * @returns how many
 */
export function emptyTrash(store: LibraryStore): number {
  const { folder, database, marks } = store;
  const places = database.all(PlaceRow, `SELECT ${placeColumns} FROM images WHERE trashed = 1`);
  // A copy outside the trash keeps what is known of its content.
  const kept = 'SELECT id FROM images WHERE content_hash = ? AND trashed = 0';
  const gone = new Set(
    places.map((place) => place.content_hash).filter((hash) => !database.get(IdRow, kept, [hash])),
  );
  try {
    changeMembers(store, (hash) => (gone.has(hash) ? null : hash));
    database.transaction(() => {
      database.run('DELETE FROM images WHERE trashed = 1');
      catchUpAlbums(store);
    });
    for (const place of places) rmSync(systemPath(folder, place.path), { force: true });
    marks.append(
      [...gone]
        .filter((hash) => marks.find(hash))
        .map((hash) => ({ hash, deleted: true as const })),
    );
    return places.length;
  } catch (error) {
    throw storageError(error, folder);
  }
}
