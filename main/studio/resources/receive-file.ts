/**
 * Files and folders that arrive in pieces, from a window that is not told where they lie on its machine.
 *
 * Promises: a file or folder is only handed on whole and under its own name; what was received of one
 * that is refused is removed at once, of one that is given up at the next start.
 */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { ReceivedPiece } from '../../../contract/resources.ts';
import { storageError } from '../storage-error.ts';
import { importPrefix } from './resource-folders.ts';

/**
 * Appends a piece to its file, and hands file or folder on with the last one.
 * @param adaptersFolder the library's `adapters/`
 * @param handOn is told where what is whole lies; it is removed afterwards
 * @returns null until it is whole
 * @throws {StudioError} `bad-request` for a piece out of turn, `disk-full`, and whatever `handOn` throws
 */
export async function receivePiece<T>(
  adaptersFolder: string,
  { transfer, name, folders, more, sizeBytes, offset, bytes }: ReceivedPiece,
  handOn: (place: string) => Promise<T>,
): Promise<T | null> {
  const folder = path.join(adaptersFolder, `${importPrefix}${transfer}`);
  const file = path.join(folder, ...folders, name);
  const [outermost = name] = folders;
  let isUnderway = false;
  try {
    await append(file, offset, bytes);
    isUnderway = more || offset + bytes.length < sizeBytes;
    return isUnderway ? null : await handOn(path.join(folder, outermost));
  } finally {
    if (!isUnderway) await rm(folder, { recursive: true, force: true });
  }
}

async function append(file: string, offset: number, bytes: Uint8Array): Promise<void> {
  const received = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  if (received !== offset) {
    throw new StudioError(
      'bad-request',
      'A part of the file went missing on its way. Choose the file again.',
      { offset, received },
    );
  }
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await using handle = await open(file, 'a');
    await handle.writeFile(bytes);
  } catch (error) {
    throw storageError(error, path.dirname(file));
  }
}
