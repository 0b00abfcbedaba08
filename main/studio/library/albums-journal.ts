/** Albums and what is in them, beside the database; see `journal-file.ts` for its promises. */
import { compareNames } from '../name-order.ts';
import path from 'node:path';
import { z } from 'zod';
import { albumKinds } from '../../../contract/albums.ts';
import { AlbumId, ContentHash } from '../../../contract/ids.ts';
import { ImageOrder } from '../../../contract/images.ts';
import { openJournalFile, readJournalFile, type ReadJournal } from './journal-file.ts';

/** Where it stands in the list of albums, from 0; null for one that was never put anywhere. */
const Place = z.number().int().nonnegative().nullable();

const AlbumLine = z.object({
  id: AlbumId,
  name: z.string().optional(),
  kind: z.enum(albumKinds).optional(),
  query: z.string().nullable().optional(),
  order: ImageOrder.optional(),
  place: Place.optional(),
  /** All of its pictures, in order. */
  members: z.array(ContentHash).optional(),
  /** Some of its pictures that follow each other from a place on, in another order. */
  reordered: z
    .object({ from: z.number().int().nonnegative(), members: z.array(ContentHash) })
    .optional(),
  /** Pictures that come to its end, and that leave it. */
  added: z.array(ContentHash).optional(),
  removed: z.array(ContentHash).optional(),
  deleted: z.literal(true).optional(),
});
export type AlbumLine = z.infer<typeof AlbumLine>;

export const StoredAlbum = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(albumKinds),
  query: z.string().nullable(),
  order: ImageOrder,
  place: Place,
  /** Content hashes, each once. */
  members: z.array(z.string()).readonly(),
});
export type StoredAlbum = Readonly<z.infer<typeof StoredAlbum>>;

export interface AlbumsJournal extends Disposable {
  find(id: string): StoredAlbum | undefined;
  all(): IterableIterator<StoredAlbum>;
  append(lines: readonly AlbumLine[]): void;
  /** See `JournalFile`. */
  rewrite(): void;
}

export const albumsJournalName = 'library-albums.jsonl';

/** @throws the file system's error */
export function openAlbumsJournal(folder: string): AlbumsJournal {
  const albums = new Map<string, StoredAlbum>();
  const file = openJournalFile(
    path.join(folder, albumsJournalName),
    AlbumLine,
    (line) => takeUp(albums, line),
    () => [...albums.values()].map((album) => ({ ...album, members: [...album.members] })),
  );
  return {
    find: (id) => albums.get(id),
    all: () => albums.values(),
    append: file.append,
    rewrite: file.rewrite,
    [Symbol.dispose]: file[Symbol.dispose],
  };
}

/** All that a journal says, without changing it. @throws the file system's error */
export function readAlbumsJournal(
  journalPath: string,
): ReadJournal & { readonly albums: ReadonlyMap<string, StoredAlbum> } {
  const albums = new Map<string, StoredAlbum>();
  return { ...readJournalFile(journalPath, AlbumLine, (line) => takeUp(albums, line)), albums };
}

function takeUp(albums: Map<string, StoredAlbum>, line: AlbumLine): void {
  if (line.deleted) albums.delete(line.id);
  else albums.set(line.id, folded(albums.get(line.id), line));
}

function folded(known: StoredAlbum | undefined, line: AlbumLine): StoredAlbum {
  const before = line.members ?? reordered(known?.members ?? [], line.reordered);
  const removed = new Set(line.removed);
  const kept = removed.size > 0 ? before.filter((hash) => !removed.has(hash)) : before;
  return {
    id: line.id,
    name: line.name ?? known?.name ?? '',
    kind: line.kind ?? known?.kind ?? 'album',
    query: line.query === undefined ? (known?.query ?? null) : line.query,
    order: line.order ?? known?.order ?? 'album',
    place: line.place === undefined ? (known?.place ?? null) : line.place,
    members: line.added || line.members ? [...new Set([...kept, ...(line.added ?? [])])] : kept,
  };
}

/** Never loses a picture, also where the line is not of this album. */
function reordered(members: readonly string[], change: AlbumLine['reordered']): readonly string[] {
  if (!change) return members;
  const { from, members: moved } = change;
  const end = from + moved.length;
  const known = new Set(members);
  const first = [...members.slice(0, from), ...moved.filter((hash) => known.has(hash))];
  return [...new Set([...first, ...members.slice(end), ...members])];
}

/** As little as tells the one from the other. */
export function lineBetween(
  id: string,
  before: StoredAlbum | null,
  next: StoredAlbum | null,
): AlbumLine[] {
  if (!next) return before ? [{ id, deleted: true }] : [];
  const { name, kind, query, order, place } = next;
  const members = [...next.members];
  if (!before) return [{ id, name, kind, query, order, place, members }];
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
      : removed.length === 0 && members.length === before.members.length
        ? { reordered: differenceOf(before.members, members) }
        : { members };
  return [{ id, name, query, order, ...list }];
}

/** What lies between the first and the last place that differ. */
export function differenceOf(
  before: readonly string[],
  after: readonly string[],
): { from: number; members: string[] } {
  const isSame = (at: number) => before[at] === after[at];
  let from = 0;
  while (from < after.length && isSame(from)) from += 1;
  let end = after.length;
  while (end > from && before.length === after.length && isSame(end - 1)) end -= 1;
  return { from, members: after.slice(from, end) };
}

export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((hash, index) => hash === b[index]));
}

/** As the list shows them: those that were put somewhere, then the others by name. */
export function compareAlbums(
  a: Pick<StoredAlbum, 'id' | 'name' | 'place'>,
  b: Pick<StoredAlbum, 'id' | 'name' | 'place'>,
): number {
  const places = (a.place ?? Infinity) - (b.place ?? Infinity);
  // Two that were never put anywhere: Infinity − Infinity.
  return places || compareNames(a.name, b.name) || compareNames(a.id, b.id);
}
