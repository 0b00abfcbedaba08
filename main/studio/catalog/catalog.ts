/**
 * Installed models: those that came with the program, and those in the library's `models/`.
 *
 * Promises: a broken model is listed with its problem and never used; hashes are computed in the
 * background, once per change of the files; an import is there whole or not at all.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ModelLocation } from '../../../contract/engine.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { Model } from '../../../contract/models.ts';
import { createLatestBroadcast } from '../broadcast.ts';
import { storageError, systemCode } from '../storage-error.ts';
import { startThread } from '../thread.ts';
import { catalogThreadContract } from './catalog-thread-contract.ts';
import { openHashCache } from './hash-cache.ts';
import { copyModel, removeUnfinishedImports } from './import-model.ts';
import type { InspectedModel } from './inspect-model.ts';

export interface Catalog {
  /** Bundled models first, each group by name. */
  list(): readonly Model[];
  /** @throws {StudioError} `model-missing`, `model-invalid` for a model with a problem */
  find(id: string): Model;
  /** @throws {StudioError} as `find` */
  locate(id: string): ModelLocation;
  /** Waits until the hash is known. @throws {StudioError} as `find`, `cancelled` */
  hash(id: string, signal: AbortSignal): Promise<string>;
  /** Reads the model folders again. */
  refresh(): Promise<readonly Model[]>;
  /** The list at once, then after every change. */
  watch(signal: AbortSignal): AsyncIterable<readonly Model[]>;
  /** @throws {StudioError} `not-found`, `model-invalid`, `conflict` if it is installed, `disk-full`, `cancelled` */
  importFolder(folder: string, signal: AbortSignal): Promise<Model>;
  /** The model card (Markdown), or null. @throws {StudioError} `model-missing` */
  card(id: string): Promise<string | null>;
  close(): Promise<void>;
}

export interface CatalogOptions {
  /** Each folder in it is a model; may be missing. */
  readonly bundledModels: string;
  /** The library's `models/`; made at the first import. */
  readonly libraryModels: string;
  /** Keeps `model-hashes.json`. */
  readonly dataFolder: string;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const { bundledModels, libraryModels, dataFolder, log } = options;
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? './catalog-worker.ts' : './catalog-worker.js',
    import.meta.url,
  );
  const thread = startThread(catalogThreadContract, entry, 'The list of models');
  const hashes = await openHashCache(path.join(dataFolder, 'model-hashes.json'), (error) => {
    log('warning', `Hashes of models could not be kept: ${StudioError.from(error).message}`);
  });
  const closing = new AbortController();
  const listed = createLatestBroadcast<readonly Model[]>(() => models());
  let installed: readonly InspectedModel[] = [];
  /** By folder; a second request for a hash waits for the first. */
  const hashing = new Map<string, Promise<string>>();

  function models(): readonly Model[] {
    return installed.map(({ model }) => model);
  }

  function entryOf(id: string): InspectedModel {
    const found = installed.find(({ model }) => model.id === id);
    if (found) return found;
    throw new StudioError(
      'model-missing',
      `Model "${id}" is not installed. Open Models to add it, or choose another model.`,
      { id },
    );
  }

  function usable(id: string): InspectedModel {
    const found = entryOf(id);
    const { problem, name } = found.model;
    if (problem === null) return found;
    throw new StudioError('model-invalid', `Model "${name}" cannot be used. ${problem}`, { id });
  }

  async function inspect(folder: string, bundled: boolean): Promise<InspectedModel | null> {
    const { found } = await thread.client.inspect({ folder, bundled });
    if (!found) return null;
    return { ...found, model: { ...found.model, hash: hashes.find(folder, found.weights) } };
  }

  async function inspectAll(parent: string, bundled: boolean): Promise<InspectedModel[]> {
    const found: InspectedModel[] = [];
    for (const name of await subfolders(parent)) {
      const folder = path.join(parent, name);
      try {
        const model = await inspect(folder, bundled);
        if (model) found.push(model);
      } catch (error) {
        log('warning', `"${folder}" could not be read: ${StudioError.from(error).message}`);
      }
    }
    return found;
  }

  async function refresh(): Promise<readonly Model[]> {
    const all = [
      ...(await inspectAll(bundledModels, true)),
      ...(await inspectAll(libraryModels, false)),
    ];
    installed = withDistinctIds(all);
    listed.publish(models());
    void hashInBackground();
    return models();
  }

  async function hashInBackground(): Promise<void> {
    for (const { model } of installed) {
      if (model.problem !== null || model.hash !== null) continue;
      try {
        await hashOf(model.id);
      } catch (error) {
        if (closing.signal.aborted) return;
        log(
          'warning',
          `Model "${model.name}" could not be read whole: ${StudioError.from(error).message}`,
        );
      }
    }
  }

  function hashOf(id: string): Promise<string> {
    const { model, weights } = usable(id);
    if (model.hash !== null) return Promise.resolve(model.hash);
    const { folder } = model;
    const underway = hashing.get(folder);
    if (underway) return underway;
    const computed = (async () => {
      const { hash } = await thread.client.hash(
        { folder, weights: [...weights] },
        { signal: closing.signal },
      );
      await hashes.keep(folder, weights, hash);
      // The same folder may have been read again meanwhile, with other files.
      installed = installed.map((known) =>
        known.model.folder === folder && hashes.find(folder, known.weights) === hash
          ? { ...known, model: { ...known.model, hash } }
          : known,
      );
      listed.publish(models());
      return hash;
    })().finally(() => hashing.delete(folder));
    hashing.set(folder, computed);
    return computed;
  }

  async function importFolder(folder: string, signal: AbortSignal): Promise<Model> {
    const target = await copyModel(
      { folder, libraryModels, installed: models(), thread: thread.client },
      signal,
    );
    await refresh();
    const imported = installed.find(({ model }) => model.folder === target);
    if (!imported)
      throw new StudioError(
        'internal',
        `The model was copied to "${target}" but cannot be found there.`,
      );
    log('info', `Model "${imported.model.name}" was imported.`);
    return imported.model;
  }

  try {
    await removeUnfinishedImports(libraryModels);
    await refresh();
  } catch (error) {
    await thread.end();
    throw error;
  }

  return {
    list: models,
    find: (id) => usable(id).model,
    locate(id) {
      const { model } = usable(id);
      return { id: model.id, folder: model.folder };
    },
    async hash(id, signal) {
      signal.throwIfAborted();
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      const onAbort = () => reject(new StudioError('cancelled', 'Cancelled.'));
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await Promise.race([hashOf(id), aborted]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    refresh,
    watch: listed.subscribe,
    importFolder,
    async card(id) {
      const { markdown } = await thread.client.card({ folder: entryOf(id).model.folder });
      return markdown;
    },
    async close() {
      closing.abort();
      await thread.end();
      // A hash that was just done is still being written: nothing may touch the folder after this.
      await Promise.allSettled(hashing.values());
    },
  };
}

async function subfolders(parent: string): Promise<string[]> {
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    return entries
      .filter(
        (entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()),
      )
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw storageError(error, parent);
  }
}

/** The first model keeps its id; others fall back to their folder's name, then to numbers. */
function withDistinctIds(all: readonly InspectedModel[]): InspectedModel[] {
  const taken = new Set<string>();
  return all.map((entry) => {
    const folderName = path.basename(entry.model.folder);
    let id = entry.model.id;
    for (let attempt = 1; taken.has(id); attempt += 1)
      id = attempt === 1 ? folderName : `${folderName}-${attempt}`;
    taken.add(id);
    return { ...entry, model: { ...entry.model, id } };
  });
}
