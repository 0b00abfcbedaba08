/** Compares database and files without changing either. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { LibraryReport } from '../../../contract/images.ts';
import { storageError, systemCode } from '../storage-error.ts';
import type { ReadableDatabase } from './database/connection.ts';
import { countImages } from './image-queries.ts';
import { PicturePath, systemPath } from './image-rows.ts';
import { listPictures } from './picture-files.ts';

const FileRow = z.object({ path: PicturePath, content_hash: z.string() });
const IntegrityRow = z.object({ integrity_check: z.string() });

/** Reads every picture; other queries are answered in between. @throws {StudioError}, and the signal's reason */
export async function checkLibrary(
  folder: string,
  database: ReadableDatabase,
  signal: AbortSignal,
): Promise<LibraryReport> {
  const rows = new Map(
    database.all(FileRow, 'SELECT path, content_hash FROM images').map((row) => [row.path, row]),
  );
  const files = listPictures(folder);
  const orphanFiles = files.filter((file) => !rows.has(file));
  const missingFiles: string[] = [];
  const changedFiles: string[] = [];
  for (const row of rows.values()) {
    signal.throwIfAborted();
    const hash = await hashFile(systemPath(folder, row.path), signal);
    if (hash === null) missingFiles.push(row.path);
    else if (hash !== row.content_hash) changedFiles.push(row.path);
  }
  const problems = database
    .all(IntegrityRow, 'PRAGMA integrity_check')
    .map((row) => row.integrity_check);
  return {
    images: countImages(database, false),
    trashed: countImages(database, true),
    missingFiles,
    orphanFiles,
    changedFiles,
    integrity: problems.join('\n'),
  };
}

/** @returns null where there is no such file */
async function hashFile(filePath: string, signal: AbortSignal): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(filePath), hash, { signal });
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'EISDIR') return null;
    if (signal.aborted) throw error;
    throw storageError(error, filePath);
  }
  return hash.digest('hex');
}
