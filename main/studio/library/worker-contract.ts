/** The library's main-thread face ⇄ its two threads: one writes, one answers questions meanwhile. */
import { z } from 'zod';
import { Album, albumsContract } from '../../../contract/albums.ts';
import { AlbumId, ChangeId, ContentHash, ImageId, JobId } from '../../../contract/ids.ts';
import {
  ImageDetail,
  ImageSummary,
  LibraryChange,
  Recipe,
  imagesContract,
} from '../../../contract/images.ts';
import { PromptUse } from '../../../contract/prompts.ts';
import { call, stream } from '../../../contract/rpc.ts';
import { Incoming, Taken } from './take-pictures.ts';
import { TagUse, tagsContract } from '../../../contract/tags.ts';
import { StoredAlbum } from './albums-journal.ts';
import { Mark } from './marks-journal.ts';
import { Mended, Problem } from './care/problem.ts';

const Ids = z.object({ ids: z.array(ImageId) });
/** What is to be announced of a change, and by which name it can be taken back. */
const Done = z.object({ changeId: ChangeId, changes: z.array(LibraryChange) });
/** Files that are looked at in one turn, so that marks do not wait. */
export const filesAtOnce = 32;

/** How many files of each kind were taken up. */
const Found = z.object({
  /** Rows were made for them. */
  adopted: z.number().int(),
  /** Their rows have another path now. */
  relinked: z.number().int(),
  /** Their rows hold something else now. */
  changed: z.number().int(),
});
const PackedColumns = z.object({
  /** Of the database, that they hold. */
  revision: z.number().int(),
  columns: z.instanceof(Uint8Array<ArrayBuffer>),
});

export const writerContract = {
  /** Locks and migrates the library. Before anything else, once. */
  open: call(
    z.object({
      folder: z.string(),
      host: z.string(),
      /** What analyses are made with; older ones are forgotten. */
      analysisVersion: z.number().int(),
    }),
    z.object({
      /** Where a damaged database was put; null when it was sound. */
      damagedDatabase: z.string().nullable(),
    }),
  ),
  /**
   * Makes the database agree with files and journals, once, after `open`. In pieces, of which each is durable and told,
   * and between which others have their turns.
   */
  heal: stream(
    z.object({}),
    Found.extend({
      unreadable: z.array(z.string()),
      /** Where a copy of the database lies that was found to be damaged and was made anew; null when it was sound. */
      damagedDatabase: z.string().nullable(),
    }),
  ),
  add: call(
    z.object({
      png: z.instanceof(Uint8Array),
      width: z.number().int(),
      height: z.number().int(),
      recipe: Recipe,
      embedRecipe: z.boolean(),
    }),
    z.object({ summary: ImageSummary, added: z.boolean() }),
  ),
  /** Pictures from elsewhere, in one turn; what became of each. */
  take: call(
    z.object({ pictures: z.array(Incoming) }),
    z.object({ taken: z.array(Taken), changes: z.array(LibraryChange) }),
  ),
  /** What became of files that changed outside: paths relative to the library. */
  look: call(
    z.object({ paths: z.array(z.string()) }),
    Found.extend({ changes: z.array(LibraryChange) }),
  ),
  /** At its end, those that are not in it; not to be taken back. */
  fillAlbum: call(z.object({ id: AlbumId, ids: z.array(ImageId) }), Done.omit({ changeId: true })),
  mark: call(imagesContract['images.mark'].input, Done),
  trash: call(Ids, Done),
  restore: call(Ids, Done),
  createAlbum: call(albumsContract['albums.create'].input, Done.extend({ id: AlbumId })),
  updateAlbum: call(albumsContract['albums.update'].input, Done),
  removeAlbum: call(albumsContract['albums.remove'].input, Done),
  moveAlbum: call(albumsContract['albums.move'].input, Done),
  addToAlbum: call(albumsContract['albums.addImages'].input, Done),
  moveInAlbum: call(albumsContract['albums.moveImages'].input, Done),
  removeFromAlbum: call(albumsContract['albums.removeImages'].input, Done),
  renameTag: call(tagsContract['tags.rename'].input, Done),
  removeTag: call(tagsContract['tags.remove'].input, Done),
  revert: call(z.object({ changeId: ChangeId }), Done),
  emptyTrash: call(z.object({}), z.object({ deleted: z.number().int() })),
  /** Stores what was seen in pictures. */
  analysed: call(
    z.object({
      analyses: z.array(
        z.object({
          contentHash: ContentHash,
          /** Null for a picture that cannot be decoded. */
          analysis: z.instanceof(Uint8Array).nullable(),
        }),
      ),
    }),
    z.object({}),
  ),
  /** Each looks again before it acts; none fails the others. */
  mend: call(
    z.object({ problems: z.array(Problem) }),
    z.object({
      mended: z.array(Mended),
      images: z.number().int(),
      trashed: z.number().int(),
    }),
  ),
  /** Marks and albums of another library or a backup, and files that were put into the picture folders. */
  takeOver: call(
    z.object({
      marks: z.array(Mark),
      albums: z.array(StoredAlbum),
      files: z.array(z.string()),
    }),
    z.object({
      /** Contents whose marks changed. */
      marks: z.number().int(),
      albums: z.number().int(),
      unreadable: z.array(z.string()),
    }),
  ),
  /** What `packed` gave, for the next opening. */
  keepColumns: call(PackedColumns, z.object({})),
  rebuild: stream(z.object({}), z.object({ done: z.number().int(), total: z.number().int() })),
  close: call(z.object({}), z.object({})),
} as const;

export const readerContract = {
  open: call(z.object({ folder: z.string() }), z.object({})),
  index: imagesContract['images.index'],
  summaries: imagesContract['images.summaries'],
  inCommon: imagesContract['images.inCommon'],
  facets: imagesContract['images.facets'],
  duplicates: imagesContract['images.duplicates'],
  lineage: imagesContract['images.lineage'],
  get: call(z.object({ id: ImageId }), ImageDetail),
  albums: call(z.object({}), z.object({ albums: z.array(Album) })),
  tags: call(z.object({}), z.object({ tags: z.array(TagUse) })),
  finished: call(
    z.object({ jobId: JobId }),
    z.object({ pictures: z.array(z.object({ index: z.number().int(), imageId: ImageId })) }),
  ),
  /** Distinct prompts, newest first, that hold all words of the text. */
  prompts: call(
    z.object({ text: z.string(), limit: z.number().int() }),
    z.object({ prompts: z.array(PromptUse) }),
  ),
  /** Where a picture's file lies, its content hash and its format. */
  place: call(
    z.object({ id: ImageId }),
    z.object({ path: z.string(), contentHash: z.string(), format: ImageSummary.shape.format }),
  ),
  /** Pictures that were not looked at, the newest first; `position` rises with each that is added. */
  unseen: call(
    z.object({ before: z.number().int().nullable(), limit: z.number().int() }),
    z.object({
      pictures: z.array(
        z.object({ contentHash: ContentHash, path: z.string(), position: z.number().int() }),
      ),
    }),
  ),
  /** What all pictures are found by, packed; null while what is kept of it is nearly as good. */
  packed: call(z.object({}), z.object({ packed: PackedColumns.nullable() })),
  close: call(z.object({}), z.object({})),
} as const;
