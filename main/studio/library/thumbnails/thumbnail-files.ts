/**
 * Small copies of pictures in the cache folder: `thumbnails/<size>/<aa>/<content hash>.webp`.
 *
 * Promises: a file is under its name whole or not at all. Nothing is synced to the disk, because a
 * lost copy is made again; so what a power cut left short is noticed by its length and counts as missing.
 */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ThumbnailSize } from '../../../../contract/thumbnail-sizes.ts';
import { temporaryPathIn } from '../../durable-file.ts';
import { systemCode } from '../../storage-error.ts';

export function thumbnailPath(
  cacheFolder: string,
  size: ThumbnailSize,
  contentHash: string,
): string {
  return path.join(
    cacheFolder,
    'thumbnails',
    String(size),
    contentHash.slice(0, 2),
    `${contentHash}.webp`,
  );
}

/** "RIFF", the length of what follows (u32, little-endian), "WEBP": RFC 9649, §2.4. */
const headBytes = 12;

export async function isWholeWebp(file: string): Promise<boolean> {
  try {
    await using handle = await open(file, 'r');
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    if (bytesRead < headBytes || buffer.toString('latin1', 8) !== 'WEBP') return false;
    return (await handle.stat()).size === buffer.readUInt32LE(4) + 8;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Makes the folder; replaces what is there. @throws the file system's error; no trace is left then */
export async function writeThumbnail(file: string, bytes: Uint8Array): Promise<void> {
  const folder = path.dirname(file);
  const temporary = temporaryPathIn(folder);
  try {
    await writeFile(temporary, bytes, { flag: 'wx' }).catch(async (error: unknown) => {
      // The first of a folder, or a cache that was deleted meanwhile.
      if (systemCode(error) !== 'ENOENT') throw error;
      await mkdir(folder, { recursive: true });
      await writeFile(temporary, bytes, { flag: 'wx' });
    });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
