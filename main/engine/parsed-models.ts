/** Parsed model folders, kept so that a second request does not read their files again. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelLocation } from '../../contract/engine.ts';

export interface ParsedModels<T> {
  /** Parses a folder unless it is known and none of its files changed. @throws as `parse` */
  load(location: ModelLocation): Promise<T>;
  /** Forgets one model, or all with null. */
  release(modelId: string | null): void;
}

/** @param files paths inside the folder whose change makes a parsed model stale */
export function createParsedModels<T>(
  files: readonly string[],
  parse: (location: ModelLocation) => Promise<T>,
): ParsedModels<T> {
  const entries = new Map<string, { readonly fingerprint: string; readonly model: Promise<T> }>();

  return {
    async load(location) {
      const fingerprint = await fingerprintOf(location.folder, files);
      const cached = entries.get(location.id);
      if (cached?.fingerprint === fingerprint) return cached.model;
      const entry = { fingerprint, model: parse(location) };
      entries.set(location.id, entry);
      try {
        return await entry.model;
      } catch (error) {
        if (entries.get(location.id) === entry) entries.delete(location.id);
        throw error;
      }
    },
    release(modelId) {
      if (modelId === null) entries.clear();
      else entries.delete(modelId);
    },
  };
}

async function fingerprintOf(folder: string, files: readonly string[]): Promise<string> {
  const marks = files.map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => null);
    return found ? `${found.size}:${found.mtimeMs}` : '-';
  });
  return [folder, ...(await Promise.all(marks))].join('|');
}
