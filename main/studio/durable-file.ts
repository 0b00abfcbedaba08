/**
 * Files that are either the old ones or the new ones, never halves, and that survive a power cut.
 *
 * The temporary file lies in the target's own folder, so that the rename stays on one file system.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

const temporaryName = /^\.[0-9a-f-]{36}\.tmp$/;

/** True for the names that this file gives to what it has not finished. */
export function isTemporaryName(fileName: string): boolean {
  return temporaryName.test(fileName);
}

export function temporaryPathIn(folder: string): string {
  return path.join(folder, `.${randomUUID()}.tmp`);
}

/** Writes and syncs; makes the folder. Replaces what is there. `mode` as for `open`. @throws the file system's error; no trace is left then */
export async function writeFileDurably(
  target: string,
  bytes: Uint8Array | string,
  mode = 0o666,
): Promise<void> {
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true });
  const temporary = temporaryPathIn(folder);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

/** As `writeFileDurably` for threads that may block, into a new temporary file; the folder must exist. @returns its path */
export function writeTemporarySync(folder: string, bytes: Uint8Array): string {
  const temporary = temporaryPathIn(folder);
  const file = openSync(temporary, 'wx');
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    try {
      closeSync(file);
    } finally {
      rmSync(temporary, { force: true });
    }
    throw error;
  }
  return temporary;
}

/**
 * Gives a file a name that nothing had, in a folder that exists. Never overwrites: the name is
 * reserved with an empty file first, which the rename then replaces.
 * @param fileName the wish; `-2`, `-3` … is added before the extension where it is taken
 * @returns the name given
 */
export function moveWithoutOverwritingSync(from: string, folder: string, fileName: string): string {
  const { name, ext } = path.parse(fileName);
  for (let attempt = 1; ; attempt += 1) {
    const candidate = attempt === 1 ? fileName : `${name}-${attempt}${ext}`;
    const target = path.join(folder, candidate);
    try {
      closeSync(openSync(target, 'wx'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw error;
    }
    try {
      renameSync(from, target);
    } catch (error) {
      rmSync(target, { force: true });
      throw error;
    }
    return candidate;
  }
}

/** Makes the names in a folder durable. Windows has no such call: its renames are journaled. */
export function syncFolderSync(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
