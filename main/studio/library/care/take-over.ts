/** Takes over what another library, or a backup, knows: on the thread that may write. */
import { storageError } from '../../storage-error.ts';
import { catchUpAlbums } from '../album-rows.ts';
import type { AlbumLine, StoredAlbum } from '../albums-journal.ts';
import type { LibraryStore } from '../image-changes.ts';
import type { Mark } from '../marks-journal.ts';
import { marksOf, noteJournal, writeMarks } from '../marks.ts';
import { changesMarks, mergedMark } from './merge-marks.ts';
import { mendOrphan } from './mend-pictures.ts';

/** @returns of how many contents the marks changed */
export function takeOverMarks(store: LibraryStore, others: readonly Mark[]): number {
  const { database, marks, folder, tagNames } = store;
  const changes = others
    .map((other) => mergedMark(marks.find(other.hash), other))
    .filter((change) => change !== null);
  try {
    marks.append(changes);
    const seen = changes.filter(changesMarks);
    database.transaction(() => {
      for (const { hash, tags } of seen) {
        for (const tag of tags ?? []) tagNames.note(tag);
        const after = marksOf(marks.find(hash));
        writeMarks(database, hash, after, after);
      }
      noteJournal(store);
    });
    return seen.length;
  } catch (error) {
    throw storageError(error, folder);
  }
}

/**
 * By their id, else by their name; pictures of both are then in it. The order of this list counts,
 * and those that come stand at its end; where nobody put it in order, that of the other one does.
 * @returns how many changed
 */
export function takeOverAlbums(store: LibraryStore, others: readonly StoredAlbum[]): number {
  const { database, albums, folder } = store;
  const known = [...albums.all()];
  const places = known.flatMap(({ place }) => place ?? []);
  const end = places.length === 0 ? null : Math.max(...places) + 1;
  const lines = others.map((other) => lineOf(other, known, end)).filter((line) => line !== null);
  try {
    albums.append(lines);
    if (lines.length > 0) {
      database.transaction(() => {
        catchUpAlbums(store);
      });
    }
    return lines.length;
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** @param end the first place of this list that is free; null where it was never put in order */
function lineOf(
  other: StoredAlbum,
  known: readonly StoredAlbum[],
  end: number | null,
): AlbumLine | null {
  const isAlike = ({ name, kind, query }: StoredAlbum) =>
    kind === other.kind && query === other.query && name.toLowerCase() === other.name.toLowerCase();
  const own = known.find(({ id }) => id === other.id) ?? known.find(isAlike);
  const place = other.place === null ? null : other.place + (end ?? 0);
  if (!own) return { ...other, place, members: [...other.members] };
  const members = new Set(own.members);
  const added = other.members.filter((hash) => !members.has(hash));
  const line = {
    ...(added.length > 0 && own.kind === 'album' ? { added } : {}),
    ...(end === null && place !== null ? { place } : {}),
  };
  return Object.keys(line).length > 0 ? { id: own.id, ...line } : null;
}

/** Makes rows for files that were put into picture folders. @returns the paths of those that are no pictures */
export function takeInFiles(store: LibraryStore, files: readonly string[]): string[] {
  const { database, folder } = store;
  try {
    return database.transaction(() =>
      files.filter((file) => {
        const { remedy } = mendOrphan(store, file);
        return remedy?.includes('set-aside') ?? false;
      }),
    );
  } catch (error) {
    throw storageError(error, folder);
  }
}
