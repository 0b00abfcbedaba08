/**
 * Adapters in the library's `adapters/`: LoRA, embeddings, ControlNets, upscalers and autoencoders.
 *
 * Promises: a broken file is listed with its problem and never used; a hash is computed once per change
 * of the file, in the background or when it is asked for; an import is there whole or not at all.
 */
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import {
  resourceKinds,
  type ReceivedPiece,
  type Resource,
  type ResourceKind,
} from '../../../contract/resources.ts';
import { createLatestBroadcast } from '../broadcast.ts';
import { openHashCache } from '../catalog/hash-cache.ts';
import { hashResource, type ResourceHashes } from './hash-resource.ts';
import { copyResource, removeUnfinishedResources } from './import-resource.ts';
import { inspectResource, type InspectedResource } from './inspect-resource.ts';
import { receivePiece } from './receive-file.ts';
import { listResources, resourceFolders } from './resource-folders.ts';

export interface Resources {
  /** By kind, each by name. */
  list(): readonly Resource[];
  /** Reads the folders again. */
  refresh(): Promise<readonly Resource[]>;
  /** The list at once, then after every change. */
  watch(signal: AbortSignal): AsyncIterable<readonly Resource[]>;
  /** @throws {StudioError} `not-found`, `model-invalid`, `conflict`, `disk-full` */
  importFrom(path: string, kind: ResourceKind | null): Promise<Resource>;
  /** Null until the last piece of a file. @throws {StudioError} as `receivePiece` and `importFrom` */
  receive(piece: ReceivedPiece): Promise<Resource | null>;
  /**
   * By its id, in any case, or another name that its maker gave it.
   * @throws {StudioError} `not-found`, `model-invalid` for one with a problem
   */
  find(kind: ResourceKind, id: string): Resource;
  /** @throws {StudioError} as `find` */
  hashes(kind: ResourceKind, id: string): Promise<ResourceHashes>;
  close(): Promise<void>;
}

export interface ResourcesOptions {
  /** The library's `adapters/`; made at the first import. */
  readonly folder: string;
  /** Keeps `adapter-hashes.json`. */
  readonly dataFolder: string;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

interface Entry {
  readonly resource: Resource;
  readonly inspected: InspectedResource;
}

const kindTitles: Readonly<Record<ResourceKind, string>> = {
  lora: 'LoRA',
  embedding: 'embedding',
  controlnet: 'ControlNet',
  upscaler: 'upscaler',
  vae: 'autoencoder',
};

export async function openResources({
  folder,
  dataFolder,
  log,
}: ResourcesOptions): Promise<Resources> {
  const cache = await openHashCache(path.join(dataFolder, 'adapter-hashes.json'), (error) => {
    log('warning', `Hashes of adapters could not be kept: ${StudioError.from(error).message}`);
  });
  const closing = new AbortController();
  const listed = createLatestBroadcast<readonly Resource[]>(() => list());
  let entries: readonly Entry[] = [];
  /** By path; a second request for a hash waits for the first. */
  const hashing = new Map<string, Promise<ResourceHashes>>();

  function list(): readonly Resource[] {
    return entries.map(({ resource }) => resource);
  }

  function knownHashes(target: string, { files }: InspectedResource): ResourceHashes | null {
    const hash = cache.find(target, files);
    if (hash === null) return null;
    return { hash, tensorsHash: cache.find(`${target}#tensors`, files) };
  }

  async function refresh(): Promise<readonly Resource[]> {
    const found: Entry[] = [];
    for (const kind of resourceKinds) {
      for (const { id, path: target } of await listResources(
        kind,
        path.join(folder, resourceFolders[kind]),
      )) {
        try {
          found.push(entryOf(kind, id, target, await inspectResource(kind, target)));
        } catch (error) {
          log('warning', `"${target}" could not be read: ${StudioError.from(error).message}`);
        }
      }
    }
    entries = found;
    listed.publish(list());
    void hashInBackground();
    return list();
  }

  function entryOf(
    kind: ResourceKind,
    id: string,
    target: string,
    inspected: InspectedResource,
  ): Entry {
    const { files, family, triggerWords, licence, problem } = inspected;
    return {
      inspected,
      resource: {
        id,
        kind,
        name: path.basename(id),
        aliases: [...inspected.aliases],
        path: target,
        sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        hash: knownHashes(target, inspected)?.hash ?? null,
        family,
        triggerWords: kind === 'embedding' ? [id] : [...triggerWords],
        licence,
        problem,
      },
    };
  }

  async function hashInBackground(): Promise<void> {
    for (const entry of entries) {
      if (entry.resource.problem !== null || entry.resource.hash !== null) continue;
      try {
        await hashOf(entry);
      } catch (error) {
        if (closing.signal.aborted) return;
        log('warning', `"${entry.resource.path}": ${StudioError.from(error).message}`);
      }
    }
  }

  function hashOf({ resource, inspected }: Entry): Promise<ResourceHashes> {
    const { path: target } = resource;
    const known = knownHashes(target, inspected);
    if (known) return Promise.resolve(known);
    const underway = hashing.get(target);
    if (underway) return underway;
    const computed = (async () => {
      const hashes = await hashResource(inspected.files, closing.signal);
      if (hashes.tensorsHash !== null)
        await cache.keep(`${target}#tensors`, inspected.files, hashes.tensorsHash);
      await cache.keep(target, inspected.files, hashes.hash);
      entries = entries.map((entry) =>
        entry.inspected === inspected
          ? { ...entry, resource: { ...entry.resource, hash: hashes.hash } }
          : entry,
      );
      listed.publish(list());
      return hashes;
    })().finally(() => hashing.delete(target));
    hashing.set(target, computed);
    return computed;
  }

  function entryNamed(kind: ResourceKind, id: string): Entry {
    const ofKind = entries.filter(({ resource }) => resource.kind === kind);
    const wanted = id.toLowerCase();
    const found =
      ofKind.find(({ resource }) => resource.id === id) ??
      ofKind.find(({ resource }) => resource.id.toLowerCase() === wanted) ??
      ofKind.find(({ resource }) => resource.name.toLowerCase() === wanted) ??
      ofKind.find(({ inspected }) =>
        inspected.aliases.some((alias) => alias.toLowerCase() === wanted),
      );
    if (!found) {
      throw new StudioError(
        'not-found',
        `There is no ${kindTitles[kind]} "${id}". Put its file into "${path.join(folder, resourceFolders[kind])}" and read the adapters again, or leave it out.`,
        { kind, id },
      );
    }
    const { problem, name } = found.resource;
    if (problem === null) return found;
    throw new StudioError(
      'model-invalid',
      `The ${kindTitles[kind]} "${name}" cannot be used. ${problem}`,
      { kind, id },
    );
  }

  async function importFrom(from: string, kind: ResourceKind | null): Promise<Resource> {
    const copied = await copyResource(from, kind, folder);
    await refresh();
    const imported = list().find((resource) => resource.path === copied.path);
    if (!imported)
      throw new StudioError('internal', `"${copied.path}" was copied but cannot be found there.`);
    log('info', `The ${kindTitles[copied.kind]} "${imported.name}" was imported.`);
    return imported;
  }

  await removeUnfinishedResources(folder);
  await refresh();

  return {
    list,
    refresh,
    watch: listed.subscribe,
    importFrom,
    receive: (piece) => receivePiece(folder, piece, (file) => importFrom(file, piece.kind)),
    find: (kind, id) => entryNamed(kind, id).resource,
    hashes: async (kind, id) => await hashOf(entryNamed(kind, id)),
    async close() {
      closing.abort();
      await Promise.allSettled(hashing.values());
    },
  };
}
