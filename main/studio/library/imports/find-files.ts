/**
 * Files that may be pictures, below paths.
 *
 * Promises: links are not followed below the paths that were named, so that there are no loops; the
 * library itself is passed over; whatever cannot be looked at is told and the rest goes on.
 */
import { compareNames } from '../../name-order.ts';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImportSkip } from '../../../../contract/imports.ts';
import { systemCode } from '../../storage-error.ts';
import { isPictureName } from '../picture-files.ts';

export type Finding = { readonly file: string } | { readonly skip: ImportSkip };

export interface FindOptions {
  readonly libraryFolder: string;
  readonly subfolders: boolean;
}

/**
 * Files of folders are given in the order of their names. A file that was named itself is given
 * whatever its ending; hidden files and folders are not looked at unless they were named.
 */
export async function* findFiles(
  paths: readonly string[],
  { libraryFolder, subfolders }: FindOptions,
): AsyncGenerator<Finding> {
  const library = await realpath(libraryFolder);
  const given = new Set<string>();
  for (const named of paths) {
    try {
      const top = await realpath(named);
      if (isWithin(library, top)) {
        yield skip(named, 'It lies in the library itself.');
        continue;
      }
      const found = await stat(top);
      if (found.isDirectory()) yield* walk(top);
      else if (!found.isFile()) yield skip(named, notOrdinary);
      else if (isNew(top)) yield { file: top };
    } catch (error) {
      yield skip(named, reasonOf(error));
    }
  }

  function isNew(file: string): boolean {
    if (given.has(file)) return false;
    given.add(file);
    return true;
  }

  async function* walk(folder: string): AsyncGenerator<Finding> {
    // The last is the next one.
    const left = [folder];
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      if (at === library) {
        yield skip(at, 'It is the library itself.');
        continue;
      }
      if (!isNew(at)) continue;
      const below: string[] = [];
      try {
        for (const { name, kind } of await entriesOf(at)) {
          if (name.startsWith('.')) continue;
          const child = path.join(at, name);
          if (kind === 'unnamed')
            yield skip(child, 'Its name is not valid text (UTF-8). Rename it.');
          else if (kind === 'folder') below.push(child);
          else if (kind === 'link') yield skip(child, linkReason);
          else if (!isPictureName(name)) continue;
          else if (kind === 'other') yield skip(child, notOrdinary);
          else if (isNew(child)) yield { file: child };
        }
      } catch (error) {
        yield skip(at, reasonOf(error));
      }
      if (subfolders) left.push(...below.toReversed());
    }
  }
}

export const notOrdinary = 'It is no ordinary file.';
export const linkReason = 'It is a link; links are not followed.';

/** Both as `realpath` gives them; a folder is within itself. */
export function isWithin(folder: string, inner: string): boolean {
  const relative = path.relative(folder, inner);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other' | 'unnamed';
}

async function entriesOf(folder: string): Promise<Entry[]> {
  const listed = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  const entries = listed.map((entry): Entry => {
    const name = entry.name.toString('utf8');
    if (!Buffer.from(name).equals(entry.name)) return { name, kind: 'unnamed' };
    if (entry.isFile()) return { name, kind: 'file' };
    if (entry.isDirectory()) return { name, kind: 'folder' };
    return { name, kind: entry.isSymbolicLink() ? 'link' : 'other' };
  });
  // Some file systems do not tell in the listing what an entry is.
  const told = entries.map(async (entry): Promise<Entry> => {
    if (entry.kind !== 'other') return entry;
    const found = await lstat(path.join(folder, entry.name)).catch(() => null);
    if (found?.isFile()) return { ...entry, kind: 'file' };
    if (found?.isDirectory()) return { ...entry, kind: 'folder' };
    return found?.isSymbolicLink() ? { ...entry, kind: 'link' } : entry;
  });
  return (await Promise.all(told)).toSorted((a, b) => compareNames(a.name, b.name));
}

function skip(file: string, reason: string): Finding {
  return { skip: { path: file, reason } };
}

/** Why a file or folder was left, in a sentence. */
export function reasonOf(error: unknown): string {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'It is not there, or was moved or deleted meanwhile.';
    case 'EACCES':
    case 'EPERM':
      return 'You may not read it.';
    case 'ELOOP':
    case 'EMLINK':
      return linkReason;
    case 'ENXIO':
      return notOrdinary;
    case 'ENAMETOOLONG':
      return 'Its name is too long for this system.';
    case 'ERR_INVALID_ARG_VALUE':
      return 'This cannot be the name of a file.';
    case 'EIO':
      return 'The disk reported an error when it was read.';
    default:
      return `It cannot be read (${error instanceof Error ? error.message : String(error)}).`;
  }
}
