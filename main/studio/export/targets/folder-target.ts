/**
 * A folder that exported files are put into.
 *
 * Promises: a file appears whole or not at all, after its bytes are durable; no file that was there is replaced
 * unless that was asked for; unfinished files carry the export's own name, by which a later run takes them away; a
 * folder that vanished is not made again somewhere else.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StudioError } from '../../../../contract/errors.ts';
import { systemCode } from '../../storage-error.ts';
import { targetError, vanished } from './halt.ts';
import type { OutputFile, PlacedFile, Target } from './target.ts';

export interface FolderTargetOptions {
  /** Absolute; made if need be. */
  readonly folder: string;
  /** The export's id. */
  readonly exportId: string;
  /** Whether files that are there may be replaced. */
  readonly replaces: boolean;
}

/** File systems of sticks and cards have no links: names are reserved with an empty file there. */
const noLinkCodes = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** @throws {TargetTrouble} where the folder cannot be made or written to */
export async function openFolderTarget({
  folder,
  exportId,
  replaces,
}: FolderTargetOptions): Promise<Target> {
  const prefix = `.${exportId}-`;
  const suffix = '.part';
  const identity = await prepare();

  async function prepare(): Promise<{ dev: number; ino: number }> {
    try {
      await mkdir(folder, { recursive: true });
      for (const name of await readdir(folder))
        if (name.startsWith(prefix) && name.endsWith(suffix))
          await rm(path.join(folder, name), { force: true });
      const { dev, ino } = await stat(folder);
      return { dev, ino };
    } catch (error) {
      throw targetError(error, folder);
    }
  }

  const pathOf = (name: string) => path.join(folder, ...name.split('/'));

  async function refuseVanished(): Promise<void> {
    const now = await stat(folder).catch(() => null);
    if (now?.dev !== identity.dev || now.ino !== identity.ino) throw vanished(folder);
  }

  async function writeTemporary(temporary: string, bytes: Uint8Array): Promise<void> {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async function appear(temporary: string, name: string): Promise<void> {
    const target = pathOf(name);
    if (name.includes('/')) await mkdir(path.dirname(target), { recursive: true });
    if (replaces) return rename(temporary, target);
    try {
      await link(temporary, target);
    } catch (error) {
      if (!noLinkCodes.has(systemCode(error) ?? '')) throw error;
      await (await open(target, 'wx')).close();
      return rename(temporary, target);
    }
    await rm(temporary, { force: true });
  }

  return {
    async isTaken(names) {
      for (const name of names) if (await exists(pathOf(name))) return true;
      return false;
    },
    async place(index, files, note) {
      const staged = files.map((file, part) => ({
        ...file,
        temporary: path.join(folder, `${prefix}${index}-${part}${suffix}`),
      }));
      const appeared: string[] = [];
      try {
        await refuseVanished();
        for (const { temporary, bytes } of staged) await writeTemporary(temporary, bytes);
        const placed = staged.map(({ name, bytes }) => describe({ name, bytes }));
        await note(placed);
        for (const { temporary, name } of staged) {
          await appear(temporary, name);
          appeared.push(name);
        }
        return placed;
      } catch (error) {
        for (const { temporary } of staged) await rm(temporary, { force: true }).catch(() => {});
        if (!replaces)
          for (const name of appeared) await rm(pathOf(name), { force: true }).catch(() => {});
        if (systemCode(error) === 'EEXIST')
          throw new StudioError('conflict', 'There is a file of that name already.', { folder });
        if (systemCode(error) === 'ENOENT') await refuseVanished();
        throw targetError(error, folder);
      }
    },
    async settle(placed) {
      const own: string[] = [];
      let whole = 0;
      for (const { name, size, hash } of placed) {
        const file = pathOf(name);
        const found = await lstat(file).catch(() => null);
        if (found?.isFile() !== true) continue;
        const isWhole = found.size === size && (await hashOf(file)) === hash;
        if (isWhole) whole += 1;
        // An empty one is a name that was reserved for a file that did not come.
        if (isWhole || found.size === 0) own.push(file);
      }
      if (whole === placed.length) return true;
      for (const file of own) await rm(file, { force: true });
      return false;
    },
    finish: () => Promise.resolve(folder),
    discard: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export function describe({ name, bytes }: OutputFile): PlacedFile {
  return { name, size: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') };
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

async function hashOf(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch {
    return null;
  }
  return hash.digest('hex');
}
