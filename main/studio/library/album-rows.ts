/** The tables of albums: written from what the journal says, and held against it. */
import { z } from 'zod';
import { differenceOf, isSameList, type StoredAlbum } from './albums-journal.ts';
import type { ReadableDatabase, WritableDatabase } from './database/connection.ts';
import type { LibraryStore } from './image-changes.ts';

/** Key 0 is no picture's: it says that albums changed. */
export function tellReaders(database: WritableDatabase): void {
  database.run('INSERT INTO image_changes (seq) VALUES (0)');
}

export function writeAlbum(
  { database }: LibraryStore,
  id: string,
  before: StoredAlbum | null,
  after: StoredAlbum | null,
): void {
  tellReaders(database);
  if (!after) {
    database.run('DELETE FROM albums WHERE id = ?', [id]);
    return;
  }
  database.run(
    `INSERT INTO albums (id, name, kind, query, image_order, place) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query,
       image_order = excluded.image_order, place = excluded.place`,
    [id, after.name, after.kind, after.query, after.order, after.place],
  );
  const known = before?.members ?? [];
  if (isSameList(known, after.members)) return;
  const { from, members } = differenceOf(known, after.members);
  const end = known.length === after.members.length ? from + members.length : known.length;
  database.run('DELETE FROM album_images WHERE album_id = ? AND position >= ? AND position < ?', [
    id,
    from,
    end,
  ]);
  database.run(
    `INSERT OR REPLACE INTO album_images (album_id, position, content_hash)
     SELECT ?, ? + key, value FROM json_each(?)`,
    [id, from, JSON.stringify(members)],
  );
}

const AlbumRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  query: z.string().nullable(),
  image_order: z.string(),
  place: z.number().int().nullable(),
  members: z.string(),
});

/**
 * Ids of albums whose tables say otherwise than they are.
 * @param albums all there are
 */
export function differingAlbums(
  database: ReadableDatabase,
  albums: Iterable<StoredAlbum>,
): string[] {
  const stored = new Map(
    database
      .all(
        AlbumRow,
        `SELECT id, name, kind, query, image_order, place, (SELECT json_group_array(content_hash) FROM
           (SELECT content_hash FROM album_images WHERE album_id = albums.id ORDER BY position)) AS members
         FROM albums`,
      )
      .map((row) => [row.id, JSON.stringify(Object.values(row))]),
  );
  const differing: string[] = [];
  for (const { id, name, kind, query, order, place, members } of albums) {
    const wanted = JSON.stringify([id, name, kind, query, order, place, JSON.stringify(members)]);
    if (stored.get(id) !== wanted) differing.push(id);
    stored.delete(id);
  }
  return [...differing, ...stored.keys()];
}

/** Brings the tables to what the journal says, where a change was cut off between the two. */
export function catchUpAlbums(store: LibraryStore): void {
  const { database, albums } = store;
  for (const id of differingAlbums(database, albums.all())) {
    database.run('DELETE FROM albums WHERE id = ?', [id]);
    writeAlbum(store, id, null, albums.find(id) ?? null);
  }
}
