/**
 * Small copies of pictures in the cache folder, made when first asked for.
 *
 * Promises: named by the picture's content, so they are never stale; made once however many ask at
 * the same time; few are made at a time, so that a fast scroll does not starve the rest.
 */
import { access } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { StudioError } from '../../../contract/errors.ts';
import { writeFileDurably } from '../durable-file.ts';

const longEdgePixels = 384;
const maxConcurrent = 2;

export interface Thumbnails {
  /**
   * @param picturePath the picture's file
   * @returns the path of a WebP file
   * @throws {StudioError} `unsupported` where the picture cannot be decoded
   */
  find(contentHash: string, picturePath: string): Promise<string>;
}

export function createThumbnails(cacheFolder: string): Thumbnails {
  const underway = new Map<string, Promise<string>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= maxConcurrent) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The slot is handed over, or given up.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  async function make(target: string, picturePath: string): Promise<string> {
    try {
      await access(target);
      return target;
    } catch {
      // Not there yet.
    }
    return inTurn(async () => {
      let bytes: Buffer;
      try {
        bytes = await sharp(picturePath)
          .resize({
            width: longEdgePixels,
            height: longEdgePixels,
            fit: 'inside',
            withoutEnlargement: true,
          })
          .webp({ quality: 82 })
          .toBuffer();
      } catch (error) {
        throw new StudioError(
          'unsupported',
          `The picture "${path.basename(picturePath)}" cannot be decoded. Its file may be damaged; check the library.`,
          { path: picturePath },
          { cause: error },
        );
      }
      await writeFileDurably(target, bytes);
      return target;
    });
  }

  return {
    find(contentHash, picturePath) {
      const known = underway.get(contentHash);
      if (known) return known;
      const target = path.join(
        cacheFolder,
        'thumbnails',
        contentHash.slice(0, 2),
        `${contentHash}.webp`,
      );
      const made = make(target, picturePath).finally(() => underway.delete(contentHash));
      underway.set(contentHash, made);
      return made;
    },
  };
}
