/** Files that are put beside others without taking the name of any. */
import path from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import { readableName } from '../projects/folder-name.ts';

const mostNames = 1000;
const reservedOnWindows = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/** @returns a title as a file name that Windows, macOS and Linux all take, without an ending */
export function fileNameOf(title: string): string {
  const name = readableName(title);
  return reservedOnWindows.test(name) ? `Book ${name}` : name;
}

/**
 * @param wanted with its ending
 * @param write makes the file, and throws `conflict` where there is one; then it is asked for the next name
 */
export async function underFreeName<T>(
  folder: string,
  wanted: string,
  write: (file: string) => Promise<T>,
): Promise<{ readonly fileName: string; readonly path: string; readonly written: T }> {
  const { name, ext } = path.parse(wanted);
  for (let number = 1; ; number += 1) {
    const fileName = number === 1 ? wanted : `${name} (${number})${ext}`;
    const file = path.join(folder, fileName);
    try {
      return { fileName, path: file, written: await write(file) };
    } catch (error) {
      if (StudioError.from(error).code !== 'conflict' || number >= mostNames) throw error;
    }
  }
}
