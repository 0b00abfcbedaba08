import { constants, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { storageError } from '../studio/storage-error.ts';

/**
 * Copies a file into a folder under its own name, or with `-2`, `-3`, … where that is taken.
 * @returns the copy's path
 * @throws {StudioError} `disk-full`, `library-read-only` and the like; no partial copy is left behind
 */
export async function copyWithoutReplacing(file: string, folder: string): Promise<string> {
  const { name, ext } = path.parse(file);
  for (let number = 1; ; number += 1) {
    const copy = path.join(folder, number === 1 ? `${name}${ext}` : `${name}-${number}${ext}`);
    try {
      // EXCL makes the check and the creation one step, so that two commands cannot take one name.
      await copyFile(file, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(error, folder);
    }
  }
}
