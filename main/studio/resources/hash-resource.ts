/** Hashes by which an adapter is recognised, here and by the Stable Diffusion web UI. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ResourceFile } from './inspect-resource.ts';
import { readSafetensorsHeader } from './read-safetensors-header.ts';

export interface ResourceHashes {
  /** SHA-256 of the file; of a folder's files, of lines of `name, size, SHA-256`. */
  readonly hash: string;
  /** SHA-256 of a `.safetensors` file behind its header, which stays when its metadata change. */
  readonly tensorsHash: string | null;
}

export async function hashResource(
  files: readonly ResourceFile[],
  signal: AbortSignal,
): Promise<ResourceHashes> {
  const [only] = files;
  if (only && files.length === 1) {
    const isTensors = /\.safetensors$/i.test(only.path);
    const whole = await hashFrom(only.path, 0, signal);
    if (!isTensors) return { hash: whole, tensorsHash: null };
    const { dataStart } = await readSafetensorsHeader(only.path);
    return { hash: whole, tensorsHash: await hashFrom(only.path, dataStart, signal) };
  }
  const total = createHash('sha256');
  for (const [index, { path, sizeBytes }] of files.entries())
    total.update(`${index}\t${sizeBytes}\t${await hashFrom(path, 0, signal)}\n`);
  return { hash: total.digest('hex'), tensorsHash: null };
}

async function hashFrom(path: string, start: number, signal: AbortSignal): Promise<string> {
  const hash: Hash = createHash('sha256');
  await pipeline(createReadStream(path, { start }), hash, { signal });
  return hash.digest('hex');
}
