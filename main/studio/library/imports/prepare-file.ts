/**
 * From a file to a picture that the library's writing thread can take in at once.
 *
 * Promises: whatever the file is, the answer is a picture or a reason; the copy is byte for byte, dated
 * as the file is, and durable.
 */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { importLimits } from '../../../../contract/imports.ts';
import { temporaryPathIn } from '../../durable-file.ts';
import { storageError } from '../../storage-error.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { readForeignMetadata, sizeProblem } from '../metadata/file-metadata.ts';
import { isWhole, pictureOf, type PictureFile } from '../read-picture-file.ts';
import { findContent } from '../take-pictures.ts';
import { reasonOf } from './find-files.ts';
import type { Prepared, SourceFile } from './import-thread-contract.ts';
import { readWholeFile, tooLargeReason, type WholeFile } from './read-whole-file.ts';
import { safeFileName } from './safe-name.ts';
import { metadataMarks, noMarks, readSidecars } from './sidecars.ts';

export interface PreparePorts {
  readonly folder: string;
  readonly incomingFolder: string;
  readonly database: ReadableDatabase;
}

/** @throws {StudioError} `disk-full`, `library-read-only` */
export async function prepareFile(ports: PreparePorts, source: SourceFile): Promise<Prepared> {
  const read = await readSource(source);
  if (typeof read === 'string') return skipped(read);
  const { bytes, modifiedAt } = read;
  const contentHash = createHash('sha256').update(bytes).digest('hex');
  const importedFrom = source.kind === 'path' ? source.path : source.name;
  const sizeBytes = bytes.length;
  const besideOf = async (picture: PictureFile | null) =>
    source.kind === 'path' ? readSidecars(source.path, promptOf(picture)) : noMarks;
  if (findContent(ports, contentHash)?.isThere) {
    const marks = await besideOf(null);
    return ready({ contentHash, importedFrom, marks, file: null }, sizeBytes);
  }
  const metadata = await readForeignMetadata(bytes);
  if (!metadata)
    return skipped('It is no picture that Atelier reads: PNG, JPEG, WebP, AVIF, GIF or TIFF.');
  if (!isWhole(metadata.format, bytes))
    return skipped('The picture breaks off: a part of it is missing.');
  const picture = pictureOf(metadata);
  if (!picture) return skipped('The picture is damaged: it does not say how large it is.');
  const claim = sizeProblem(picture.width, picture.height);
  if (claim !== null) return skipped(claim);
  // Nothing but its pixels tells whether a TIFF file is whole.
  if (picture.format === 'tiff' && !(await canBeDecoded(bytes)))
    return skipped('The picture breaks off or is damaged.');
  const marks = await besideOf(picture);
  const temporary = await copyOf(ports.incomingFolder, read);
  const file = {
    temporary,
    fileName: safeFileName(path.basename(importedFrom), picture.format),
    modifiedAt,
    sizeBytes,
    picture,
    marks: metadataMarks(metadata),
  };
  return ready({ contentHash, importedFrom, marks, file }, sizeBytes);
}

function ready(
  incoming: Extract<Prepared, { outcome: 'ready' }>['incoming'],
  sizeBytes: number,
): Prepared {
  return { outcome: 'ready', incoming, sizeBytes };
}

function skipped(reason: string): Prepared {
  return { outcome: 'skipped', reason, isTooLarge: reason === tooLargeReason(importLimits.bytes) };
}

async function readSource(source: SourceFile): Promise<WholeFile | string> {
  if (source.kind === 'bytes') {
    const { bytes, modifiedAt } = source;
    return bytes.length === 0 ? 'It is empty.' : { bytes, modifiedAt };
  }
  try {
    return await readWholeFile(source.path, importLimits.bytes);
  } catch (error) {
    return reasonOf(error);
  }
}

function promptOf(picture: PictureFile | null): string {
  return picture?.recipe?.resolvedPrompt ?? picture?.understood?.prompt ?? '';
}

async function canBeDecoded(bytes: Uint8Array): Promise<boolean> {
  return sharp(bytes, { failOn: 'error' })
    .stats()
    .then(
      () => true,
      () => false,
    );
}

async function copyOf(folder: string, { bytes, modifiedAt }: WholeFile): Promise<string> {
  const temporary = temporaryPathIn(folder);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      // The database made anew from the files alone finds the same dates.
      await handle.utimes(new Date(), new Date(modifiedAt));
      await handle.sync();
    } finally {
      await handle.close();
    }
    return temporary;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw storageError(error, folder);
  }
}
