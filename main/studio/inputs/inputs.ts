/**
 * Pictures to work from, kept in the library's `inputs/` under the hash of their content.
 *
 * Promises: what is kept is an upright PNG without metadata, so that nothing personal of a photograph
 * enters a recipe; the same picture is kept once; an input stays when the picture it came from is
 * deleted. Nothing is removed here: recipes refer to inputs for as long as they exist.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { StudioError } from '../../../contract/errors.ts';
import { ContentHash } from '../../../contract/ids.ts';
import { inputLimits, type InputPicture } from '../../../contract/inputs.ts';
import { temporaryPathIn, writeFileDurably } from '../durable-file.ts';
import { assetAddress } from '../library/asset-address.ts';
import type { Asset } from '../library/library.ts';
import { storageError } from '../storage-error.ts';

export interface Inputs {
  /**
   * @param bytes a picture file of any common kind
   * @throws {StudioError} `bad-request` if it is no picture, `too-large`, `disk-full`
   */
  add(bytes: Uint8Array): Promise<InputPicture>;
  /** Keeps a copy of a picture of the library. @throws {StudioError} `disk-full` */
  keep(file: string, hash: ContentHash): Promise<InputPicture>;
  /** @throws {StudioError} `not-found` */
  get(hash: ContentHash): Promise<InputPicture>;
  /** @throws {StudioError} `not-found` */
  resolveAsset(hash: ContentHash): Promise<Asset>;
}

export function createInputs(libraryFolder: string): Inputs {
  const folder = path.join(libraryFolder, 'inputs');
  const fileOf = (hash: ContentHash) => path.join(folder, `${ContentHash.parse(hash)}.png`);

  async function describe(hash: ContentHash): Promise<InputPicture> {
    const { width, height } = await sharp(fileOf(hash)).metadata();
    return { hash, width, height, url: assetAddress('input', hash) };
  }

  async function find(hash: ContentHash): Promise<string> {
    const file = fileOf(hash);
    if (await exists(file)) return file;
    throw new StudioError(
      'not-found',
      'The input picture is not in the library any more. Choose it again.',
      { hash },
    );
  }

  return {
    async add(bytes) {
      const png = await toPng(bytes);
      const hash = createHash('sha256').update(png).digest('hex');
      if (!(await exists(fileOf(hash)))) {
        await writeFileDurably(fileOf(hash), png).catch((error: unknown) => {
          throw storageError(error, folder);
        });
      }
      return describe(hash);
    },
    async keep(file, hash) {
      if (!(await exists(fileOf(hash)))) {
        await copyWhole(file, fileOf(hash)).catch((error: unknown) => {
          throw storageError(error, folder);
        });
      }
      return describe(hash);
    },
    async get(hash) {
      await find(hash);
      return describe(hash);
    },
    async resolveAsset(hash) {
      return { path: await find(hash), contentType: 'image/png', etag: hash };
    },
  };
}

async function toPng(bytes: Uint8Array): Promise<Buffer> {
  const { maxSide } = inputLimits;
  try {
    // Without a limit: only the header is read, so that a giant is refused by its size.
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (width > maxSide || height > maxSide) {
      throw new StudioError(
        'too-large',
        `The picture is ${width} × ${height} pixels; at most ${maxSide} × ${maxSide} can be used. Make it smaller.`,
        { width, height },
      );
    }
    return await sharp(bytes, { limitInputPixels: maxSide ** 2, failOn: 'error' })
      .autoOrient()
      .toColourspace('srgb')
      .png({ compressionLevel: 6 })
      .toBuffer();
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    throw new StudioError(
      'bad-request',
      'This file cannot be read as a picture. Choose a PNG, JPEG, WebP, AVIF, TIFF or GIF that opens elsewhere.',
      undefined,
      { cause },
    );
  }
}

/** Under its final name only when it is whole. */
async function copyWhole(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  const temporary = temporaryPathIn(path.dirname(to));
  try {
    await copyFile(from, temporary);
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
