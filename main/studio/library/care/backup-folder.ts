/**
 * What a backup is on disk: contents by their hash, and a list of files for each time it was made.
 *
 * `objects/aa/<hash><ext>`, `backups/<createdAt>.json`, `atelier-backup.json`. A list is written last:
 * one that is there is whole.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ContentHash, Timestamp } from '../../../../contract/ids.ts';
import type { BackupInfo } from '../../../../contract/care.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { systemCode } from '../../storage-error.ts';
import { PicturePath } from '../image-rows.ts';

const BackupFile = z.object({
  /** Relative to the library folder, with `/`. */
  path: z
    .string()
    .refine(
      (text) =>
        !text.startsWith('/') &&
        !/[\\\0]/.test(text) &&
        text.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
      'Leaves the library folder.',
    ),
  hash: ContentHash,
  sizeBytes: z.number().int().nonnegative(),
  modifiedAt: z.number(),
});
export type BackupFile = z.infer<typeof BackupFile>;

export const Manifest = z.object({
  version: z.literal(1),
  createdAt: Timestamp,
  library: z.string(),
  files: z.array(BackupFile),
});
export type Manifest = z.infer<typeof Manifest>;

export const markerName = 'atelier-backup.json';
export const unfinishedName = 'unfinished';

export function isPicture(file: string): boolean {
  return PicturePath.safeParse(file).success;
}

export function objectPath(
  folder: string,
  { hash, path: file }: Pick<BackupFile, 'hash' | 'path'>,
): string {
  const ending = path.posix.extname(file).toLowerCase();
  const safe = /^\.[a-z0-9]{1,10}$/.test(ending) ? ending : '';
  return path.join(folder, 'objects', hash.slice(0, 2), `${hash}${safe}`);
}

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** Names of the lists, the newest first. */
export async function manifestNames(folder: string): Promise<string[]> {
  const names = await namesIn(path.join(folder, 'backups'));
  return names
    .filter((name) => /^\d+\.json$/.test(name))
    .toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
}

/** The newest one that can be read; null where there is none. */
export async function newestManifest(folder: string): Promise<Manifest | null> {
  for (const name of await manifestNames(folder)) {
    const found = await readManifest(path.join(folder, 'backups', name));
    if (found) return found;
  }
  return null;
}

export async function readManifest(manifestPath: string): Promise<Manifest | null> {
  try {
    return Manifest.safeParse(JSON.parse(await readFile(manifestPath, 'utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

export async function backupInfo(folder: string): Promise<BackupInfo | null> {
  const manifest = await newestManifest(folder);
  if (!manifest) return null;
  const bytes = new Map(manifest.files.map(({ hash, sizeBytes }) => [hash, sizeBytes]));
  return {
    createdAt: manifest.createdAt,
    library: manifest.library,
    pictures: manifest.files.filter((file) => isPicture(file.path)).length,
    bytes: [...bytes.values()].reduce((sum, size) => sum + size, 0),
    isInterrupted: (await namesIn(path.join(folder, 'backups'))).includes(unfinishedName),
  };
}

/** What a backup's folder holds beside its marker. */
const ownNames: ReadonlySet<string> = new Set(['objects', 'backups']);

/** @throws {StudioError} `bad-request` for a folder that holds something else, or lies in the library, or it in it */
export async function refuseForeign(folder: string, library: string): Promise<void> {
  const inside = (child: string, parent: string) => {
    const relative = path.relative(parent, child);
    return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
  };
  if (!path.isAbsolute(folder) || inside(folder, library) || inside(library, folder)) {
    throw new StudioError(
      'bad-request',
      `"${folder}" cannot hold a backup: it lies in the library, or the library in it. Choose a folder elsewhere, best on another disk.`,
      { folder },
    );
  }
  const found = await stat(folder).catch(() => null);
  const names = found?.isDirectory() ? await namesIn(folder) : [];
  // A disk that was taken out, or a hand, may have left less than the whole of a backup.
  const isForeign =
    (found !== null && !found.isDirectory()) ||
    (!names.includes(markerName) &&
      names.some((name) => !name.startsWith('.') && !ownNames.has(name)));
  if (isForeign) {
    throw new StudioError(
      'bad-request',
      `"${folder}" holds something else than a backup of Atelier. Choose an empty folder, or that of an earlier backup.`,
      { folder },
    );
  }
}
