/**
 * Taking in pictures from elsewhere.
 *
 * Promises: a content comes in once; where a file came from and what marks it brought are in the
 * journal before its row is there; files of rows that could not be made are taken away again; marks
 * that people set stay as they are. Blocking: for the library's own thread.
 */
import { existsSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { ContentHash, ImageId, Timestamp } from '../../../contract/ids.ts';
import type { LibraryChange } from '../../../contract/images.ts';
import { ColourLabel, Flag } from '../../../contract/picture-facts.ts';
import { storageError } from '../storage-error.ts';
import type { ReadableDatabase } from './database/connection.ts';
import type { LibraryStore } from './image-changes.ts';
import { PicturePath, systemPath } from './image-rows.ts';
import { insertRow, moveRow } from './insert-image.ts';
import { fillMarks } from './marks.ts';
import { isHiddenText } from './metadata/file-metadata.ts';
import { placePicture, syncPictureFolders } from './picture-files.ts';
import { createdAtOf, rowOf } from './picture-row.ts';
import { PictureFile } from './read-picture-file.ts';

/** See `FoundMarks`. */
export const BroughtMarks = z.object({
  rating: z.number().int().min(0).max(5).nullable(),
  flag: Flag.nullable(),
  label: ColourLabel.nullable(),
  tags: z.array(z.string()),
  note: z.string(),
});
export type BroughtMarks = z.infer<typeof BroughtMarks>;

export const Incoming = z.object({
  contentHash: ContentHash,
  importedFrom: z.string(),
  /** For any picture, from beside the file and from whoever imports it. */
  marks: BroughtMarks,
  /** Null where the library was found to have the content. */
  file: z
    .object({
      /** A durable copy on the library's disk, dated as the file is; it is moved or deleted. */
      temporary: z.string(),
      /** A valid name. */
      fileName: z.string(),
      modifiedAt: Timestamp,
      sizeBytes: z.number().int(),
      picture: PictureFile,
      /** From within the file; for pictures that are new. */
      marks: BroughtMarks,
    })
    .nullable(),
});
export type Incoming = z.infer<typeof Incoming>;

export const Taken = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('imported'), imageId: ImageId }),
  z.object({ outcome: z.literal('duplicate'), imageId: ImageId, isTrashed: z.boolean() }),
  /** It came without a file, and the library has the content no more. */
  z.object({ outcome: z.literal('gone') }),
]);
export type Taken = z.infer<typeof Taken>;

const KnownRow = z.object({
  seq: z.number().int(),
  id: z.string(),
  path: PicturePath,
  trashed: z.number().int(),
  imported_from: z.string().nullable(),
});
type KnownRow = z.infer<typeof KnownRow>;
const IdRow = z.object({ id: z.string() });

/** The picture of a content whose file is there, and else one whose file is gone. */
export function findContent(
  { database, folder }: { readonly database: ReadableDatabase; readonly folder: string },
  contentHash: string,
): { readonly row: KnownRow; readonly isThere: boolean } | null {
  const rows = database.all(
    KnownRow,
    `SELECT seq, id, path, trashed, imported_from FROM images WHERE content_hash = ? ORDER BY trashed, seq`,
    [contentHash],
  );
  const there = rows.find((row) => existsSync(systemPath(folder, row.path)));
  const row = there ?? rows[0];
  return row ? { row, isThere: there !== undefined } : null;
}

/** @throws {StudioError} `disk-full`, `library-read-only`; then none of them is in the library */
export function takePictures(
  store: LibraryStore,
  pictures: readonly Incoming[],
): { taken: Taken[]; changes: LibraryChange[] } {
  const { folder, database } = store;
  const placed: { readonly path: string; readonly incoming: Incoming; file: IncomingFile }[] = [];
  try {
    const found = new Map(
      pictures.map(({ contentHash }) => [contentHash, findContent(store, contentHash)] as const),
    );
    const fresh = new Map<string, Incoming & { readonly file: IncomingFile }>();
    for (const { file, ...picture } of pictures) {
      if (file && found.get(picture.contentHash)?.isThere !== true)
        if (!fresh.has(picture.contentHash)) fresh.set(picture.contentHash, { ...picture, file });
    }
    store.marks.append(
      [...fresh.values()]
        .filter(({ contentHash }) => !found.get(contentHash))
        .map(({ contentHash, importedFrom, file }) => {
          const hidden = file.picture.rawTexts.find(({ where }) => isHiddenText({ place: where }));
          return { hash: contentHash, importedFrom, ...(hidden ? { hidden } : {}) };
        }),
    );
    const known = pictures.filter(
      ({ contentHash }) => found.get(contentHash) || fresh.has(contentHash),
    );
    const filled = fillAll(store, known, fresh, found);
    for (const incoming of fresh.values()) {
      const { file, contentHash } = incoming;
      const createdAt = createdAtOf(file.picture, file.modifiedAt, store.marks.find(contentHash));
      const path = placePicture(folder, file.temporary, file.fileName, createdAt);
      placed.push({ path, incoming, file });
    }
    syncPictureFolders(
      folder,
      placed.map(({ path }) => path),
    );
    const ids = database.transaction(() =>
      placed.map(({ path, incoming, file }) => {
        const { contentHash } = incoming;
        const lost = found.get(contentHash)?.row;
        if (lost) {
          moveRow(database, lost.seq, path, null);
          database.run('UPDATE images SET modified_at = ? WHERE seq = ?', [
            file.modifiedAt,
            lost.seq,
          ]);
          return lost.id;
        }
        const mark = store.marks.find(contentHash);
        const seq = insertRow(
          database,
          rowOf(file.picture, { ...file, path, contentHash }, mark),
          mark,
        );
        return database.get(IdRow, 'SELECT id FROM images WHERE seq = ?', [seq])?.id ?? '';
      }),
    );
    const idOf = new Map(placed.map(({ incoming }, at) => [incoming.contentHash, ids[at] ?? '']));
    const first = new Set(idOf.keys());
    return {
      taken: pictures.map(({ contentHash }): Taken => {
        const imageId = idOf.get(contentHash);
        if (imageId !== undefined)
          return first.delete(contentHash)
            ? { outcome: 'imported', imageId }
            : { outcome: 'duplicate', imageId, isTrashed: false };
        const hit = found.get(contentHash);
        if (!hit?.isThere) return { outcome: 'gone' };
        return { outcome: 'duplicate', imageId: hit.row.id, isTrashed: hit.row.trashed === 1 };
      }),
      changes: [...filled, ...(ids.length > 0 ? [{ kind: 'added' as const, ids }] : [])],
    };
  } catch (error) {
    // A file without its row would come in a second time when it is imported again.
    for (const { path } of placed) rmSync(systemPath(folder, path), { force: true });
    throw storageError(error, folder);
  } finally {
    for (const { file } of pictures) if (file) rmSync(file.temporary, { force: true });
  }
}

type IncomingFile = NonNullable<Incoming['file']>;

function fillAll(
  store: LibraryStore,
  pictures: readonly Incoming[],
  fresh: ReadonlyMap<string, { readonly file: IncomingFile }>,
  found: ReadonlyMap<string, unknown>,
): readonly LibraryChange[] {
  // What stands beside a file, or is wished for, goes before what stands in it.
  const besides = pictures.map(({ contentHash, marks }) => ({ hash: contentHash, found: marks }));
  const own = [...fresh].flatMap(([hash, { file }]) =>
    found.get(hash) ? [] : [{ hash, found: file.marks }],
  );
  return [besides, own].flatMap((fills) => {
    const told = fills.filter((fill) => tellsAnything(fill.found));
    return told.length > 0 ? fillMarks(store, told).changes : [];
  });
}

function tellsAnything({ rating, flag, label, tags, note }: BroughtMarks): boolean {
  return (rating ?? 0) > 0 || flag !== null || label !== null || tags.length > 0 || note !== '';
}
