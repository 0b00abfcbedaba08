/** Albums and what is in them, beside the database; see `journal-file.ts` for its promises. */
import path from 'node:path';
import { z } from 'zod';
import { albumKinds } from '../../../contract/albums.ts';
import { AlbumId, ContentHash } from '../../../contract/ids.ts';
import { ImageOrder } from '../../../contract/images.ts';
import { openJournalFile, readJournalFile, type ReadJournal } from './journal-file.ts';

const AlbumLine = z.object({
  id: AlbumId,
  name: z.string().optional(),
  kind: z.enum(albumKinds).optional(),
  query: z.string().nullable().optional(),
  order: ImageOrder.optional(),
  /** All of its pictures, in order. */
  members: z.array(ContentHash).optional(),
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
  const before = line.members ?? known?.members ?? [];
  const removed = new Set(line.removed);
  const kept = removed.size > 0 ? before.filter((hash) => !removed.has(hash)) : before;
  return {
    id: line.id,
    name: line.name ?? known?.name ?? '',
    kind: line.kind ?? known?.kind ?? 'album',
    query: line.query === undefined ? (known?.query ?? null) : line.query,
    order: line.order ?? known?.order ?? 'album',
    members: line.added || line.members ? [...new Set([...kept, ...(line.added ?? [])])] : kept,
  };
}
