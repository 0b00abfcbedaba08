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
import type {
  ImageDetail,
  ImagePage,
  ImageQuery,
  ImageSummary,
  LibraryChange,
  LibraryReport,
  Recipe,
} from '../../../contract/images.ts';
import type { PromptUse } from '../../../contract/prompts.ts';
import { defaultThumbnailSize, type ThumbnailSize } from '../../../contract/thumbnail-sizes.ts';
import { createEveryBroadcast } from '../broadcast.ts';
import { startThread } from '../thread.ts';
import type { AssetKind } from './asset-address.ts';
import { createPictureWork } from './thumbnails/picture-work.ts';
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
  /** Newest first. */
  page(
    query: ImageQuery,
    cursor: string | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<ImagePage>;
  /** @throws {StudioError} `not-found` */
  get(id: string): Promise<ImageDetail>;
  /** Distinct prompts as they were typed, newest first, that hold all words of the text. */
  prompts(text: string, limit: number): Promise<readonly PromptUse[]>;
  /** Copies of the same file share their rating. */
  rate(ids: readonly string[], rating: number): Promise<void>;
  trash(ids: readonly string[]): Promise<void>;
  restore(ids: readonly string[]): Promise<void>;
  /** @returns how many pictures were deleted for good */
  emptyTrash(): Promise<number>;
  /** Reads every file. */
  check(signal: AbortSignal): Promise<LibraryReport>;
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
  /** Finishes what is being written, then gives the library back; may be called again. */
  close(): Promise<void>;
}

export interface LibraryOptions {
  /** The library folder; made if need be. */
  readonly folder: string;
  /** For thumbnails; may be deleted at any time. */
  readonly cacheFolder: string;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

/**
 * @throws {StudioError} `library-locked` (details: `pid`, `host`), `library-newer`,
 *   `library-read-only`, `disk-full`; the folder is left as it was
 */
export async function openLibrary({ folder, cacheFolder, log }: LibraryOptions): Promise<Library> {
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
    import.meta.url,
  );
  const writer = startThread(writerContract, entry, 'The library', { role: 'writer' });
  const reader = startThread(readerContract, entry, 'The library', { role: 'reader' });
  try {
    const healed = await writer.client.open({ folder, host: hostname() });
    await reader.client.open({ folder });
    if (healed.damagedDatabase !== null) {
      log(
        'warning',
        `The library's database was damaged. It was made anew from the pictures; the old one is kept as "${path.basename(healed.damagedDatabase)}".`,
      );
    }
    if (healed.adopted > 0)
      log('info', `${counted(healed.adopted)} found in the library folder and added.`);
    if (healed.relinked > 0)
      log('info', `${counted(healed.relinked)} moved or renamed outside and found again.`);
    for (const file of healed.unreadable)
      log('warning', `"${file}" is not a readable PNG file and was left alone.`);
  } catch (error) {
    await Promise.all([writer.end(), reader.end()]);
    throw error;
  }
  const pictureWork = createPictureWork({
    cacheFolder,
    store: { unanalysed: () => Promise.resolve([]), storeAnalyses: () => Promise.resolve() },
    log,
  });
  const changes = createEveryBroadcast<LibraryChange>();

  function announce(kind: LibraryChange['kind'], ids: string[]): void {
    if (ids.length > 0 || kind === 'reset') changes.publish({ kind, ids });
  }

  /** A change of many files may fail half-way: then readers had better look again. */
  async function orReset<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } catch (error) {
      announce('reset', []);
      throw error;
    }
  }

  async function closeThreads(): Promise<void> {
    try {
      await pictureWork.close();
      await reader.client.close({});
      await writer.client.close({});
    } finally {
      await Promise.all([writer.end(), reader.end()]);
    }
  }
  let closed: Promise<void> | null = null;

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
      if (added) announce('added', [summary.id]);
      return summary;
    },
    finishedPictures: async (jobId) => (await reader.client.finished({ jobId })).pictures,
    page: (query, cursor, limit, signal) =>
      reader.client.page({ query, cursor, limit }, signal ? { signal } : {}),
    get: (id) => reader.client.get({ id }),
    prompts: async (text, limit) => (await reader.client.prompts({ text, limit })).prompts,
    async rate(ids, rating) {
      announce('changed', (await writer.client.rate({ ids: [...ids], rating })).ids);
    },
    async trash(ids) {
      announce('trashed', (await orReset(writer.client.trash({ ids: [...ids] }))).ids);
    },
    async restore(ids) {
      announce('restored', (await orReset(writer.client.restore({ ids: [...ids] }))).ids);
    },
    async emptyTrash() {
      const { deleted } = await orReset(writer.client.emptyTrash({}));
      if (deleted > 0) announce('reset', []);
      return deleted;
    },
    check: (signal) => reader.client.check({}, { signal }),
    async *rebuild(signal) {
      yield* writer.client.rebuild({}, { signal });
      announce('reset', []);
    },
    async resolveAsset(kind, id, thumbnailSize = defaultThumbnailSize) {
      const place = await reader.client.place({ id });
      switch (kind) {
        case 'image':
          return { path: place.path, contentType: 'image/png', etag: place.contentHash };
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
    close: () => (closed ??= closeThreads()),
  };
}

function counted(images: number): string {
  return images === 1 ? '1 picture was' : `${images} pictures were`;
}
