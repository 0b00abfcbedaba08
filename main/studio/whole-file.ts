/** A file that appears whole or not at all, and replaces nothing unless that was asked for. */
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { StudioError } from '../../contract/errors.ts';
import { storageError, systemCode } from './storage-error.ts';

/** @throws {StudioError} `conflict` if the file is there and may not be replaced; `disk-full`, `library-read-only` */
export async function writeWhole(
  file: string,
  content: Uint8Array | string,
  replaces: boolean,
): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}-${threadId}.part`);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw storageError(error, folder);
  });
  try {
    {
      await using handle = await open(temporary, 'w');
      await handle.writeFile(content);
      await handle.sync();
    }
    if (replaces) await rename(temporary, file);
    // A link, unlike a rename, fails where the name is taken.
    else await link(temporary, file);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || replaces) throw storageError(error, file);
    throw new StudioError(
      'conflict',
      `"${file}" is there already. Choose another name, or say that it may be replaced.`,
      { file },
    );
  } finally {
    await unlink(temporary).catch(() => {});
  }
}
