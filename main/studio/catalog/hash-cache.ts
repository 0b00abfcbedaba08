/** Hashes of weights, kept by size and time of change so that gigabytes are read once. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ContentHash } from '../../../contract/ids.ts';
import { writeFileDurably } from '../durable-file.ts';
import type { ModelFile } from './model-files.ts';

const Entries = z.record(z.string(), z.object({ stamp: z.string(), hash: ContentHash }));

export interface HashCache {
  find(folder: string, weights: readonly ModelFile[]): string | null;
  /** A cache that cannot be written is only slow; `onError` is told. */
  keep(folder: string, weights: readonly ModelFile[], hash: string): Promise<void>;
}

export async function openHashCache(
  cachePath: string,
  onError: (error: unknown) => void,
): Promise<HashCache> {
  const entries = new Map(Object.entries(await readEntries(cachePath)));
  return {
    find(folder, weights) {
      const entry = entries.get(folder);
      return entry?.stamp === stampOf(weights) ? entry.hash : null;
    },
    async keep(folder, weights, hash) {
      entries.set(folder, { stamp: stampOf(weights), hash });
      try {
        await writeFileDurably(cachePath, JSON.stringify(Object.fromEntries(entries)));
      } catch (error) {
        onError(error);
      }
    },
  };
}

async function readEntries(cachePath: string): Promise<z.infer<typeof Entries>> {
  try {
    return Entries.parse(JSON.parse(await readFile(cachePath, 'utf8')));
  } catch {
    // None yet, or damaged: hashes are computed again.
    return {};
  }
}

function stampOf(weights: readonly ModelFile[]): string {
  const lines = weights.map(
    ({ path, sizeBytes, modifiedMs }) => `${path}\t${sizeBytes}\t${modifiedMs}`,
  );
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
