/**
 * Making and changing albums.
 *
 * Promises: their journal knows a change before the database does; taking a change back leaves alone
 * what was changed since.
 */
import { randomUUID } from 'node:crypto';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageOrder } from '../../../contract/images.ts';
import { storageError } from '../storage-error.ts';
import { tellReaders, writeAlbum } from './album-rows.ts';
import { compareAlbums, isSameList, lineBetween, type StoredAlbum } from './albums-journal.ts';
import type { Outcome } from './change-history.ts';
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
    place: null,
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

/** @param before the album that it is to stand before; null for the end @throws {StudioError} `not-found` */
export function moveAlbum(store: LibraryStore, id: string, before: string | null): Outcome {
  const moved = albumOf(store, id);
  const list = [...store.albums.all()].toSorted(compareAlbums);
  const others = list.filter((album) => album !== moved);
  const anchor = before === null ? null : albumOf(store, before);
  const at = anchor ? (anchor === moved ? list : others).indexOf(anchor) : others.length;
  // Also those that were never put anywhere: from now on the list is as it is seen.
  return putPlaces(
    store,
    others
      .toSpliced(at, 0, moved)
      .flatMap((album, place) =>
        album.place === place ? [] : [{ id: album.id, from: album.place, to: place }],
      ),
  );
}

interface PlaceStep {
  readonly id: string;
  readonly from: number | null;
  readonly to: number | null;
}

function putPlaces(store: LibraryStore, steps: readonly PlaceStep[]): Outcome {
  const { albums, database, folder } = store;
  try {
    albums.append(steps.map(({ id, to }) => ({ id, place: to })));
    database.transaction(() => {
      tellReaders(database);
      for (const { id, to } of steps)
        database.run('UPDATE albums SET place = ? WHERE id = ?', [to, id]);
    });
    return {
      changes: steps.length > 0 ? [albumChange] : [],
      weight: steps.length,
      undo(current) {
        const known = steps.filter(({ id }) => current.albums.find(id));
        const isAsLeft = known.every(({ id, to }) => current.albums.find(id)?.place === to);
        const back = known.map(({ id, from, to }) => ({ id, from: to, to: from }));
        return putPlaces(current, isAsLeft ? back : []);
      },
    };
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** To its end; those that are in it stay where they are. */
export function addToAlbum(store: LibraryStore, id: string, imageIds: readonly string[]): Outcome {
  const album = handMade(store, id);
  const members = [...new Set([...album.members, ...contentsOf(store, imageIds)])];
  return put(store, id, { ...album, members });
}

/** @param before a picture of it that they are to stand before; null for the end */
export function moveInAlbum(
  store: LibraryStore,
  id: string,
  imageIds: readonly string[],
  before: string | null,
): Outcome {
  const album = handMade(store, id);
  const known = new Set(album.members);
  const moved = contentsOf(store, imageIds).filter((hash) => known.has(hash));
  const isMoved = new Set(moved);
  const [anchor] = before === null ? [] : contentsOf(store, [before]);
  const from = anchor === undefined ? -1 : album.members.indexOf(anchor);
  // Before one that moves itself: before what follows it and stays.
  const next = from < 0 ? undefined : album.members.slice(from).find((hash) => !isMoved.has(hash));
  const others = album.members.filter((hash) => !isMoved.has(hash));
  const at = next === undefined ? others.length : others.indexOf(next);
  return put(store, id, { ...album, members: others.toSpliced(at, 0, ...moved) });
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
      .filter((line) => line.members ?? line.reordered ?? line.removed?.length),
  );
}
