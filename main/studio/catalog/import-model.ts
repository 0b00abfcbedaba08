/** Bringing a model from elsewhere on this machine into the library. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { Model } from '../../../contract/models.ts';
import type { Client } from '../../../contract/rpc.ts';
import { storageError, systemCode } from '../storage-error.ts';
import type { catalogThreadContract } from './catalog-thread-contract.ts';

/** Where an import is copied to before it gets its name; the catalog does not list hidden folders. */
const importPrefix = '.import-';

export interface ModelToCopy {
  readonly folder: string;
  /** The library's `models/`. */
  readonly libraryModels: string;
  readonly installed: readonly Model[];
  readonly thread: Client<typeof catalogThreadContract>;
}

/**
 * Checks a model and copies it; it is there whole or not at all.
 * @returns the model's new folder
 * @throws {StudioError} `not-found`, `model-invalid`, `conflict`, `disk-full`, `cancelled`
 */
export async function copyModel(
  { folder, libraryModels, installed, thread }: ModelToCopy,
  signal: AbortSignal,
): Promise<string> {
  const from = await existingFolder(folder);
  if (installed.some((model) => isInside(from, model.folder))) {
    throw new StudioError('conflict', 'This model is installed already. Nothing was copied.', {
      folder,
    });
  }
  const { found } = await thread.inspect({ folder: from, bundled: false }, { signal });
  if (!found) {
    throw new StudioError(
      'model-invalid',
      `"${folder}" holds no model. Choose the folder with "model_index.json" (images) or "config.json" and "onnx" (text).`,
      { folder },
    );
  }
  const { id, name, problem } = found.model;
  if (problem !== null) {
    throw new StudioError('model-invalid', `"${name}" was not imported. ${problem}`, { folder });
  }
  const target = path.join(libraryModels, safeFolderName(path.basename(from)));
  if (installed.some((model) => model.id === id) || (await exists(target))) {
    throw new StudioError(
      'conflict',
      `A model "${name}" is installed already. Nothing was copied.`,
      { id },
    );
  }
  const temporary = path.join(libraryModels, `${importPrefix}${randomUUID()}`);
  try {
    await mkdir(temporary, { recursive: true });
    await thread.copy({ from, to: temporary }, { signal });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw storageError(error, libraryModels);
  }
  return target;
}

/** @throws {StudioError} `not-found` */
async function existingFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR')
      throw storageError(error, folder);
  }
  throw new StudioError(
    'not-found',
    `There is no folder "${folder}". Choose the folder of a model.`,
    { folder },
  );
}

async function exists(target: string): Promise<boolean> {
  return (await stat(target).catch(() => null)) !== null;
}

function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer + path.sep);
}

/** A folder name that every platform takes. */
function safeFolderName(name: string): string {
  const safe = name
    .replaceAll(/[<>:"/\\|?*\u0000-\u001f]/g, '-')
    .replace(/^\.+/, '')
    .replace(/[. ]+$/, '');
  return safe === '' ? 'model' : safe;
}

/** Removes what an import left that was killed half-way. */
export async function removeUnfinishedImports(libraryModels: string): Promise<void> {
  const names = await readdir(libraryModels).catch(() => []);
  for (const name of names.filter((found) => found.startsWith(importPrefix))) {
    await rm(path.join(libraryModels, name), { recursive: true, force: true }).catch(() => {});
  }
}
