/** Albums and their pictures, as the catalogue sees them. */
import { z } from 'zod';
import { albumKinds } from '../../../../contract/albums.ts';
import { ImageOrder } from '../../../../contract/images.ts';
import { compareAlbums } from '../albums-journal.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { NumberList } from '../number-list.ts';
import { derivedOf, type CatalogueState } from './catalogue.ts';
import { selectKeys, type Selection } from './selection.ts';

const AlbumRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(albumKinds),
  query: z.string().nullable(),
  order: ImageOrder,
  place: z.number().int().nullable(),
});
export type AlbumRow = z.infer<typeof AlbumRow>;

/** As the list shows them. */
export function albumsOf(database: ReadableDatabase, state: CatalogueState): readonly AlbumRow[] {
  return derivedOf(state, 'albums', () => {
    const sql = 'SELECT id, name, kind, query, image_order AS "order", place FROM albums';
    return database.all(AlbumRow, sql).toSorted(compareAlbums);
  });
}

/** @returns the keys of its pictures in their order, and the same as a set */
export function membersOf(
  database: ReadableDatabase,
  state: CatalogueState,
  id: string,
): { readonly keys: readonly number[]; readonly selection: Selection } {
  return derivedOf(state, `album ${id}`, () => {
    const keys =
      database.get(
        NumberList,
        `SELECT json_group_array(seq) AS numbers FROM
           (SELECT i.seq FROM album_images AS m JOIN images AS i ON i.content_hash = m.content_hash
            WHERE m.album_id = ? ORDER BY m.position, i.seq)`,
        [id],
      )?.numbers ?? [];
    return { keys, selection: selectKeys(state.columns, [keys.toSorted((a, b) => a - b)]) };
  });
}
