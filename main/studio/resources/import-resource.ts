/** Bringing an adapter from elsewhere on this machine into the library: whole or not at all. */
import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { ResourceKind } from '../../../contract/resources.ts';
import { SafetensorsFlaw } from '../../../contract/safetensors-header.ts';
import { storageError } from '../storage-error.ts';
import { inspectResource } from './inspect-resource.ts';
import { readSafetensorsHeader } from './read-safetensors-header.ts';
import { importPrefix, resourceFolders, withoutEnding } from './resource-folders.ts';

/**
 * @param adaptersFolder the library's `adapters/`
 * @param asked null to find out
 * @returns where it lies now
 * @throws {StudioError} `not-found`, `model-invalid`, `conflict`, `disk-full`
 */
export async function copyResource(
  from: string,
  asked: ResourceKind | null,
  adaptersFolder: string,
): Promise<{ readonly kind: ResourceKind; readonly path: string }> {
  const source = await stat(from).catch(() => null);
  if (!source) {
    throw new StudioError('not-found', `There is no file or folder "${from}". Choose another.`, {
      path: from,
    });
  }
  const kind = asked ?? (await guessKind(from, source.isDirectory()));
  const name = path.basename(from);
  if (!kind) {
    throw new StudioError(
      'model-invalid',
      `"${name}" is no LoRA, embedding, ControlNet, upscaler or autoencoder that can be used. Choose a .safetensors or .onnx file, or a folder with model.onnx.`,
      { path: from },
    );
  }
  const { problem } = await inspectResource(kind, from);
  if (problem !== null) {
    throw new StudioError('model-invalid', `"${name}" was not imported. ${problem}`, {
      path: from,
    });
  }
  const folder = path.join(adaptersFolder, resourceFolders[kind]);
  const target = path.join(folder, name);
  if (await isTaken(folder, name)) {
    throw new StudioError(
      'conflict',
      `There is "${withoutEnding(name)}" already. Nothing was copied. Rename the file, or remove the other one first.`,
      { path: target },
    );
  }
  const temporary = path.join(folder, `${importPrefix}${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await cp(from, temporary, { recursive: true, dereference: true });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw storageError(error, folder);
  }
  return { kind, path: target };
}

/** Removes what an import left that was killed half-way. */
export async function removeUnfinishedResources(adaptersFolder: string): Promise<void> {
  for (const inside of ['', ...Object.values(resourceFolders)]) {
    const folder = path.join(adaptersFolder, inside);
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((found) => found.startsWith(importPrefix)))
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Two names that differ in case or ending alone would be one word in a prompt. */
async function isTaken(folder: string, name: string): Promise<boolean> {
  const wanted = withoutEnding(name).toLowerCase();
  const names = await readdir(folder).catch(() => []);
  return names.some((known) => withoutEnding(known).toLowerCase() === wanted);
}

async function guessKind(from: string, isFolder: boolean): Promise<ResourceKind | null> {
  if (isFolder) {
    const names = new Set(await readdir(from));
    if (names.has('vae_decoder')) return 'vae';
    if (!names.has('model.onnx')) return null;
    return names.has('config.json') ? 'controlnet' : 'upscaler';
  }
  if (/\.onnx$/i.test(from)) return 'upscaler';
  // A pickle is named as such when it is looked at.
  if (/\.(?:pt|bin|ckpt|pth)$/i.test(from)) return 'embedding';
  if (!/\.safetensors$/i.test(from)) return null;
  try {
    const { tensors } = await readSafetensorsHeader(from);
    const names = [...tensors.keys()];
    if (names.some((name) => /lora|hada_|lokr_/i.test(name))) return 'lora';
    return names.length <= 4 ? 'embedding' : null;
  } catch (error) {
    if (error instanceof SafetensorsFlaw) return 'lora';
    throw storageError(error, from);
  }
}
