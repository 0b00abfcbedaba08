/**
 * Making and changing albums.
 *
 * Promises: their journal knows a change before the database does; taking a change back leaves alone
 * what was changed since.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageOrder } from '../../../contract/images.ts';
import { storageError } from '../storage-error.ts';
import type { AlbumLine, StoredAlbum } from './albums-journal.ts';
import type { Outcome } from './change-history.ts';
import type { ReadableDatabase } from './database/connection.ts';
import type { LibraryStore } from './image-changes.ts';
import { placeRowOf } from './image-queries.ts';

const albumChange = { kind: 'albums', ids: [] as string[] } as const;

export interface NewAlbum extends Pick<StoredAlbum, 'name' | 'kind' | 'query'> {
  readonly order?: ImageOrder | undefined;
  readonly imageIds: readonly string[];
}

/** @throws {StudioError} `not-found` for a picture, before anything changes */
export function createAlbum(
  store: LibraryStore,
  { name, kind, query, order, imageIds }: NewAlbum,
): { outcome: Outcome; id: string } {
  const id = randomUUID();
  const outcome = put(store, id, {
    id,
    name,
    kind,
    query,
    order: order ?? (kind === 'smart' ? 'newest' : 'album'),
    members: contentsOf(store, imageIds),
  });
  return { outcome, id };
}

/** @throws {StudioError} `not-found`, `bad-request` */
export function updateAlbum(
  store: LibraryStore,
  id: string,
  change: {
    readonly name?: string | undefined;
    readonly query?: string | undefined;
    readonly order?: ImageOrder | undefined;
  },
): Outcome {
  const album = albumOf(store, id);
  if (change.query !== undefined && album.kind !== 'smart') {
    throw new StudioError(
      'bad-request',
      'This album holds what was put into it. Make a smart album for a search.',
      { id },
    );
  }
  return put(store, id, {
    ...album,
    name: change.name ?? album.name,
    query: change.query ?? album.query,
    order: change.order ?? album.order,
  });
}

/** @throws {StudioError} `not-found` */
export function removeAlbum(store: LibraryStore, id: string): Outcome {
  albumOf(store, id);
  return put(store, id, null);
}

/** @param before a picture that they are to stand before; null for the end */
export function addToAlbum(
  store: LibraryStore,
  id: string,
  imageIds: readonly string[],
  before: string | null,
): Outcome {
  const album = handMade(store, id);
  const added = contentsOf(store, imageIds);
  const isAdded = new Set(added);
  const [anchor = null] = before === null ? [] : contentsOf(store, [before]);
  if (anchor === null) {
    // Those that are in it stay where they are unless a place is given.
    const known = new Set(album.members);
    const fresh = added.filter((hash) => !known.has(hash));
    return put(store, id, { ...album, members: [...album.members, ...fresh] });
  }
  const others = album.members.filter((hash) => !isAdded.has(hash) || hash === anchor);
  const at = others.indexOf(anchor);
  const place = at < 0 ? others.length : at;
  const members = [...others.slice(0, place), ...added, ...others.slice(place)];
  return put(store, id, { ...album, members: [...new Set(members)] });
}

export function removeFromAlbum(
  store: LibraryStore,
  id: string,
  imageIds: readonly string[],
): Outcome {
  const album = handMade(store, id);
  const removed = new Set(contentsOf(store, imageIds));
  return put(store, id, {
    ...album,
    members: album.members.filter((hash) => !removed.has(hash)),
  });
}

function contentsOf({ database }: LibraryStore, ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => placeRowOf(database, id).content_hash))];
}

function albumOf({ albums }: LibraryStore, id: string): StoredAlbum {
  const album = albums.find(id);
  if (album) return album;
  throw new StudioError('not-found', 'This album is gone. Reload the gallery.', { id });
}

function handMade(store: LibraryStore, id: string): StoredAlbum {
  const album = albumOf(store, id);
  if (album.kind === 'album') return album;
  throw new StudioError(
    'bad-request',
    'A smart album finds its pictures by itself. Change what it searches for instead.',
    { id },
  );
}

/** @param next null to take the album away */
function put(store: LibraryStore, id: string, next: StoredAlbum | null): Outcome {
  const before = store.albums.find(id) ?? null;
  try {
    store.albums.append(lineBetween(id, before, next));
    const after = store.albums.find(id) ?? null;
    store.database.transaction(() => writeAlbum(store, id, before, after));
    return {
      changes: [albumChange],
      weight: (before?.members.length ?? 0) + (after?.members.length ?? 0),
      undo: (current) => put(current, id, backFrom(current.albums.find(id) ?? null, before, after)),
    };
  } catch (error) {
    throw storageError(error, store.folder);
  }
}

function backFrom(
  current: StoredAlbum | null,
  before: StoredAlbum | null,
  after: StoredAlbum | null,
): StoredAlbum | null {
  if (!before || !after || !current) return before;
  const back = <K extends 'name' | 'query' | 'order'>(field: K) =>
    current[field] === after[field] ? before[field] : current[field];
  return {
    ...current,
    name: back('name'),
    query: back('query'),
    order: back('order'),
    members: membersBack(current.members, before.members, after.members),
  };
}

function membersBack(
  current: readonly string[],
  before: readonly string[],
  after: readonly string[],
): readonly string[] {
  if (isSameList(current, after)) return before;
  const was = new Set(before);
  const came = new Set(after);
  const kept = current.filter((hash) => !came.has(hash) || was.has(hash));
  return [...new Set([...kept, ...before.filter((hash) => !came.has(hash))])];
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((hash, index) => hash === b[index]));
}

/** As little as tells the one from the other. */
function lineBetween(
  id: string,
  before: StoredAlbum | null,
  next: StoredAlbum | null,
): AlbumLine[] {
  if (!next) return before ? [{ id, deleted: true }] : [];
  const { name, kind, query, order } = next;
  const members = [...next.members];
  if (!before) return [{ id, name, kind, query, order, members }];
  const isExtended =
    members.length >= before.members.length &&
    before.members.every((hash, index) => hash === members[index]);
  const left = new Set(members);
  const removed = before.members.filter((hash) => !left.has(hash));
  const isReduced = isSameList(
    before.members.filter((hash) => left.has(hash)),
    members,
  );
  const list = isExtended
    ? { added: members.slice(before.members.length) }
    : isReduced
      ? { removed }
      : { members };
  return [{ id, name, query, order, ...list }];
}

function writeAlbum(
  { database }: LibraryStore,
  id: string,
  before: StoredAlbum | null,
  after: StoredAlbum | null,
): void {
  // Key 0 is no picture's: it tells readers that albums changed.
  database.run('INSERT INTO image_changes (seq) VALUES (0)');
  if (!after) {
    database.run('DELETE FROM albums WHERE id = ?', [id]);
    return;
  }
  database.run(
    `INSERT INTO albums (id, name, kind, query, image_order) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query, image_order = excluded.image_order`,
    [id, after.name, after.kind, after.query, after.order],
  );
  const known = before?.members ?? [];
  if (isSameList(known, after.members)) return;
  database.run('DELETE FROM album_images WHERE album_id = ?', [id]);
  database.run(
    `INSERT INTO album_images (album_id, position, content_hash)
     SELECT ?, key, value FROM json_each(?)`,
    [id, JSON.stringify(after.members)],
  );
}

const AlbumRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  query: z.string().nullable(),
  image_order: z.string(),
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
        `SELECT id, name, kind, query, image_order, (SELECT json_group_array(content_hash) FROM
           (SELECT content_hash FROM album_images WHERE album_id = albums.id ORDER BY position)) AS members
         FROM albums`,
      )
      .map((row) => [row.id, JSON.stringify(Object.values(row))]),
  );
  const differing: string[] = [];
  for (const { id, name, kind, query, order, members } of albums) {
    const wanted = JSON.stringify([id, name, kind, query, order, JSON.stringify(members)]);
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

/**
 * Puts other contents in the place of some, or takes them out. Only into the journal: `catchUpAlbums`
 * brings the tables after.
 * @param successorOf what comes instead of a member, itself to keep it; null takes it out
 */
export function changeMembers(
  { albums }: LibraryStore,
  successorOf: (hash: string) => string | null,
): void {
  albums.append(
    [...albums.all()]
      .flatMap((album) => {
        const members = [
          ...new Set(album.members.map(successorOf).filter((hash) => hash !== null)),
        ];
        return lineBetween(album.id, album, { ...album, members });
      })
      .filter((line) => line.members ?? line.removed?.length),
  );
}
