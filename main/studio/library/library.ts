/**
 * The library of pictures.
 *
 * Promises: a picture that `addImage` resolved for survives the death of everything; the same job
 * and index never makes two; every change is announced once, after it is durable.
 */
import { hostname } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageDetail, ImageSummary, LibraryChange, Recipe } from '../../../contract/images.ts';
import type { PictureFormat } from '../../../contract/picture-facts.ts';
import type { PromptUse } from '../../../contract/prompts.ts';
import type { Client } from '../../../contract/rpc.ts';
import { defaultThumbnailSize, type ThumbnailSize } from '../../../contract/thumbnail-sizes.ts';
import { createEveryBroadcast } from '../broadcast.ts';
import { startThread } from '../thread.ts';
import { analysisVersion } from './analysis/analyse-picture.ts';
import type { AssetKind } from './asset-address.ts';
import type { Incoming, Taken } from './take-pictures.ts';
import { createCare, type Care } from './care/care.ts';
import { followFiles } from './follow-files.ts';
import { createPictureWork, type BackgroundPace } from './thumbnails/picture-work.ts';
import { readerContract, writerContract } from './worker-contract.ts';

export interface NewImage {
  /** RGB bytes, row by row, width × height × 3; not modified. */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** With `jobId` and `pictureIndex`, by which a picture is stored once only. */
  readonly recipe: Recipe;
  /** False keeps recipe and prompt out of the file; the library still knows them. */
  readonly embedRecipe: boolean;
}

/** A file to be sent to the window. */
export interface Asset {
  readonly path: string;
  readonly contentType: string;
  /** Changes when the bytes do. */
  readonly etag: string;
}

export interface Library {
  /** @throws {StudioError} `disk-full`, `library-read-only`, `bad-request` if the bytes do not fit the size */
  addImage(image: NewImage): Promise<ImageSummary>;
  /** Pictures of a job that are in the library, trashed ones too, by index. */
  finishedPictures(
    jobId: string,
  ): Promise<readonly { readonly index: number; readonly imageId: string }[]>;
  /** Pictures from elsewhere whose bytes are on the library's disk; what became of each, in order. */
  take(pictures: readonly Incoming[]): Promise<readonly Taken[]>;
  /** Adds to the end of an album what is not in it. @throws {StudioError} `not-found`, `bad-request` */
  fillAlbum(albumId: string, imageIds: readonly string[]): Promise<void>;
  /** Questions as the contract has them. */
  readonly ask: Pick<
    Client<typeof readerContract>,
    'index' | 'summaries' | 'inCommon' | 'facets' | 'duplicates' | 'lineage' | 'albums' | 'tags'
  >;
  /** @throws {StudioError} `not-found` */
  get(id: string): Promise<ImageDetail>;
  /** Distinct prompts as they were typed, newest first, that hold all words of the text. */
  prompts(text: string, limit: number): Promise<readonly PromptUse[]>;
  /** Changes as the contract has them, each of which can be taken back; announced once done. */
  readonly change: LibraryChanges;
  /** @returns how many pictures were deleted for good */
  emptyTrash(): Promise<number>;
  /** The doctor, and copies of the whole library. */
  readonly care: Care;
  /** Makes the database anew from the files; leaving early or aborting keeps the old one. */
  rebuild(signal: AbortSignal): AsyncIterable<{ done: number; total: number }>;
  /**
   * @param thumbnailSize of a thumbnail; 384 if left out
   * @throws {StudioError} `not-found`, `unsupported`, `too-large`
   */
  resolveAsset(
    kind: Extract<AssetKind, 'image' | 'thumbnail'>,
    id: string,
    thumbnailSize?: ThumbnailSize,
  ): Promise<Asset>;
  subscribe(signal: AbortSignal): AsyncIterable<LibraryChange>;
  /** How much of the machine thumbnails and analyses in the background may take. */
  setBackgroundPace(pace: BackgroundPace): void;
  /** Resolves once the background has nothing left to do. */
  backgroundSettled(): Promise<void>;
  /** Settles once database and files agree: after opening, they are compared in the background. */
  readonly healed: Promise<void>;
  /** Finishes what is being written, then gives the library back; may be called again. */
  close(): Promise<void>;
}

type Written =
  | 'mark'
  | 'trash'
  | 'restore'
  | 'updateAlbum'
  | 'removeAlbum'
  | 'moveAlbum'
  | 'addToAlbum'
  | 'moveInAlbum'
  | 'removeFromAlbum'
  | 'renameTag'
  | 'removeTag'
  | 'revert';

type LibraryChanges = {
  readonly [K in Written]: (
    input: Parameters<Client<typeof writerContract>[K]>[0],
  ) => Promise<{ changeId: string }>;
} & {
  createAlbum(
    input: Parameters<Client<typeof writerContract>['createAlbum']>[0],
  ): Promise<{ changeId: string; id: string }>;
};

export interface LibraryOptions {
  /** The library folder; made if need be. */
  readonly folder: string;
  /** For thumbnails; may be deleted at any time. */
  readonly cacheFolder: string;
  /** Whether files that change outside are taken up while it is open; at opening they always are. */
  readonly followsFiles?: boolean;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

/** While all files are compared, at most so often. */
const announceEveryMs = 2000;

/**
 * @throws {StudioError} `library-locked` (details: `pid`, `host`), `library-newer`,
 *   `library-read-only`, `disk-full`; the folder is left as it was
 */
export async function openLibrary({
  folder,
  cacheFolder,
  followsFiles = false,
  log,
}: LibraryOptions): Promise<Library> {
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
    import.meta.url,
  );
  const writer = startThread(writerContract, entry, 'The library', { role: 'writer' });
  const reader = startThread(readerContract, entry, 'The library', { role: 'reader' });
  try {
    const { damagedDatabase } = await writer.client.open({
      folder,
      host: hostname(),
      analysisVersion,
    });
    await reader.client.open({ folder });
    tellOfDamage(damagedDatabase);
  } catch (error) {
    await Promise.all([writer.end(), reader.end()]);
    throw error;
  }
  const pictureWork = createPictureWork({
    cacheFolder,
    store: {
      unanalysed: async (before, limit) => (await reader.client.unseen({ before, limit })).pictures,
      async storeAnalyses(analyses) {
        await writer.client.analysed({ analyses: [...analyses] });
        announce('analysed', []);
      },
    },
    log,
  });
  const changes = createEveryBroadcast<LibraryChange>();

  function announce(kind: LibraryChange['kind'], ids: string[]): void {
    if (ids.length > 0 || kind === 'reset' || kind === 'analysed') changes.publish({ kind, ids });
  }

  function tellOfFiles(found: { adopted: number; relinked: number; changed: number }): void {
    if (found.adopted > 0)
      log('info', `${counted(found.adopted)} found in the library folder and added.`);
    if (found.relinked > 0)
      log('info', `${counted(found.relinked)} moved or renamed outside and found again.`);
    if (found.changed > 0) log('info', `${counted(found.changed)} changed outside and read again.`);
  }

  function tellOfDamage(damagedDatabase: string | null): void {
    if (damagedDatabase === null) return;
    log(
      'warning',
      `The library's database was damaged. It was made anew from the pictures; the old one is kept as "${path.basename(damagedDatabase)}".`,
    );
  }

  async function heal(): Promise<void> {
    // The first look at all pictures has the machine to itself.
    await reader.client.index({ limit: 1 }).catch(() => {});
    const found = { adopted: 0, relinked: 0, changed: 0 };
    let announcedAt = performance.now();
    let isAnnounced = true;
    for await (const { unreadable, damagedDatabase, ...piece } of writer.client.heal({})) {
      // What is left is found at the next opening.
      if (closed !== null) throw new StudioError('disconnected', 'The library was closed.');
      tellOfDamage(damagedDatabase);
      for (const file of unreadable)
        log('warning', `"${file}" is not a readable picture and was left alone.`);
      for (const kind of ['adopted', 'relinked', 'changed'] as const) found[kind] += piece[kind];
      isAnnounced &&=
        piece.adopted + piece.relinked + piece.changed === 0 && damagedDatabase === null;
      if (isAnnounced || performance.now() - announcedAt < announceEveryMs) continue;
      // Many files take minutes: those that are there are shown.
      announce('reset', []);
      [announcedAt, isAnnounced] = [performance.now(), true];
    }
    tellOfFiles(found);
    if (!isAnnounced) announce('reset', []);
    await keepColumns();
    if (closed === null) pictureWork.lookForPictures();
  }
  /** So that the next opening is quick. Without it, that one reads every row. */
  async function keepColumns(): Promise<void> {
    try {
      const { packed } = await reader.client.packed({});
      if (packed) await writer.client.keepColumns(packed);
    } catch (error) {
      if (closed === null) log('warning', StudioError.from(error).message);
    }
  }
  const healed = heal();
  const following = followsFiles
    ? followFiles({
        folder,
        async look(paths) {
          // Files and rows are compared as a whole first.
          await healed.catch(() => {});
          const { changes: made, ...found } = await orReset(
            writer.client.look({ paths: [...paths] }),
          );
          for (const change of made) changes.publish(change);
          tellOfFiles(found);
          if (found.adopted + found.changed > 0) pictureWork.lookForPictures();
        },
        log,
      })
    : null;
  healed.catch((error: unknown) => {
    if (closed === null)
      log(
        'error',
        `The library could not be compared with its files: ${StudioError.from(error).message}`,
      );
  });

  /** A change of many files may fail half-way: then readers had better look again. */
  async function orReset<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } catch (error) {
      announce('reset', []);
      throw error;
    }
  }

  async function announced<D extends { readonly changes: readonly LibraryChange[] }>(
    done: Promise<D>,
  ): Promise<Omit<D, 'changes'>> {
    const { changes: made, ...rest } = await orReset(done);
    for (const change of made) changes.publish(change);
    return rest;
  }

  async function closeThreads(): Promise<void> {
    try {
      await following?.[Symbol.asyncDispose]();
      await pictureWork.close();
      await keepColumns();
      await reader.client.close({});
      await writer.client.close({});
    } finally {
      await Promise.all([writer.end(), reader.end()]);
    }
  }
  let closed: Promise<void> | null = null;
  const { client } = writer;

  return {
    async addImage({ rgb, width, height, recipe, embedRecipe }) {
      if (rgb.length !== width * height * 3) {
        throw new StudioError(
          'bad-request',
          `A picture of ${width} × ${height} pixels needs ${width * height * 3} bytes, not ${rgb.length}. This is a fault of the program; please report it.`,
        );
      }
      const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      const { summary, added } = await writer.client.add({
        png,
        width,
        height,
        recipe,
        embedRecipe,
      });
      if (added) {
        announce('added', [summary.id]);
        pictureWork.lookForPictures();
      }
      return summary;
    },
    async take(pictures) {
      const { taken } = await announced(client.take({ pictures: [...pictures] }));
      if (taken.some(({ outcome }) => outcome === 'imported')) pictureWork.lookForPictures();
      return taken;
    },
    async fillAlbum(id, imageIds) {
      await announced(client.fillAlbum({ id, ids: [...imageIds] }));
    },
    async finishedPictures(jobId) {
      // A picture whose row was cut off by a crash is there once files and rows were compared.
      await healed;
      return (await reader.client.finished({ jobId })).pictures;
    },
    ask: reader.client,
    get: (id) => reader.client.get({ id }),
    prompts: async (text, limit) => (await reader.client.prompts({ text, limit })).prompts,
    change: {
      mark: (input) => announced(client.mark(input)),
      trash: (input) => announced(client.trash(input)),
      restore: (input) => announced(client.restore(input)),
      createAlbum: (input) => announced(client.createAlbum(input)),
      updateAlbum: (input) => announced(client.updateAlbum(input)),
      removeAlbum: (input) => announced(client.removeAlbum(input)),
      moveAlbum: (input) => announced(client.moveAlbum(input)),
      addToAlbum: (input) => announced(client.addToAlbum(input)),
      moveInAlbum: (input) => announced(client.moveInAlbum(input)),
      removeFromAlbum: (input) => announced(client.removeFromAlbum(input)),
      renameTag: (input) => announced(client.renameTag(input)),
      removeTag: (input) => announced(client.removeTag(input)),
      revert: (input) => announced(client.revert(input)),
    },
    async emptyTrash() {
      const { deleted } = await orReset(writer.client.emptyTrash({}));
      if (deleted > 0) announce('reset', []);
      return deleted;
    },
    care: createCare({
      folder,
      threadEntry: entry,
      host: hostname(),
      writer: writer.client,
      healed: () => healed,
      changed() {
        announce('reset', []);
        pictureWork.lookForPictures();
      },
    }),
    async *rebuild(signal) {
      yield* writer.client.rebuild({}, { signal });
      announce('reset', []);
      pictureWork.lookForPictures();
    },
    async resolveAsset(kind, id, thumbnailSize = defaultThumbnailSize) {
      const place = await reader.client.place({ id });
      switch (kind) {
        case 'image':
          return {
            path: place.path,
            contentType: contentTypes[place.format],
            etag: place.contentHash,
          };
        case 'thumbnail':
          return {
            path: await pictureWork.thumbnail(place.contentHash, place.path, thumbnailSize),
            contentType: 'image/webp',
            etag: `${place.contentHash}-${thumbnailSize}`,
          };
        default:
          return kind satisfies never;
      }
    },
    subscribe: changes.subscribe,
    setBackgroundPace: pictureWork.setPace,
    async backgroundSettled() {
      await healed;
      await pictureWork.settled();
    },
    healed,
    close: () => (closed ??= closeThreads()),
  };
}

const contentTypes: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  tiff: 'image/tiff',
};

function counted(images: number): string {
  return images === 1 ? '1 picture was' : `${images} pictures were`;
}
