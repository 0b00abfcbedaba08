/** Where adapters lie in the library, and what of it counts as one. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ResourceKind } from '../../../contract/resources.ts';
import { storageError, systemCode } from '../storage-error.ts';

export const resourceFolders: Readonly<Record<ResourceKind, string>> = {
  lora: 'loras',
  embedding: 'embeddings',
  controlnet: 'controlnets',
  upscaler: 'upscalers',
  vae: 'vae',
};

/** Where an import is copied to before it gets its name; hidden names are not listed. */
export const importPrefix = '.import-';

const tensorFiles = /\.(?:safetensors|pt|ckpt|bin)$/i;

export interface FoundResource {
  /** The name without its ending; with the folders around it where there are some. */
  readonly id: string;
  readonly path: string;
}

/** @param folder the library's `adapters/<kind>/`; may be missing @returns sorted by id */
export async function listResources(kind: ResourceKind, folder: string): Promise<FoundResource[]> {
  switch (kind) {
    case 'lora':
    case 'embedding':
      return (await files(folder, '', tensorFiles)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    case 'controlnet':
    case 'vae':
    case 'upscaler': {
      const ending = kind === 'upscaler' ? /\.(?:onnx|pth|safetensors)$/i : tensorFiles;
      return (await entriesOf(folder))
        .filter((entry) => !entry.isFile() || ending.test(entry.name))
        .map((entry) => ({
          id: entry.isFile() ? withoutEnding(entry.name) : entry.name,
          path: path.join(folder, entry.name),
        }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    }
    default:
      return kind satisfies never;
  }
}

async function files(folder: string, inside: string, ending: RegExp): Promise<FoundResource[]> {
  const found: FoundResource[] = [];
  for (const entry of await entriesOf(path.join(folder, inside))) {
    const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await files(folder, name, ending)));
    else if (ending.test(entry.name))
      found.push({ id: withoutEnding(name), path: path.join(folder, name) });
  }
  return found;
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw storageError(error, folder);
  }
}

export function withoutEnding(name: string): string {
  return name.replace(/\.[^./\\]+$/, '');
}
