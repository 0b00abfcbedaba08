/** A finished file gets its name, and takes nobody else's unless that was asked for. */
import { link, lstat, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import type { exportWhenTaken } from '../../../../contract/exports.ts';
import { systemCode } from '../../storage-error.ts';

export type WhenTaken = (typeof exportWhenTaken)[number];

/**
 * @param unfinished in the same folder
 * @returns the name that it got: the wish, or with ` (2)` … where that is taken and may not be replaced
 * @throws {StudioError} `conflict` where it is taken and `skip` was asked for; the file system's errors
 */
export async function appearUnder(
  unfinished: string,
  wish: string,
  whenTaken: WhenTaken,
): Promise<string> {
  const { dir, name, ext } = path.parse(wish);
  for (let number = 1; ; number += 1) {
    const target = number === 1 ? wish : path.join(dir, `${name} (${number})${ext}`);
    if (whenTaken === 'replace') {
      await rename(unfinished, target);
      return target;
    }
    try {
      await link(unfinished, target);
      await rm(unfinished, { force: true });
      return target;
    } catch (error) {
      const isTaken = (await lstat(target).catch(() => null)) !== null;
      if (!isTaken && systemCode(error) !== 'EEXIST') {
        // Sticks and cards have no links.
        await rename(unfinished, target);
        return target;
      }
      if (whenTaken === 'skip')
        throw new StudioError(
          'conflict',
          `"${target}" is there already. Choose another name, or say that it may be replaced.`,
          { path: target },
          { cause: error },
        );
    }
  }
}
