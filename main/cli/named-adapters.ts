/** Adapters that a command names: by what they are called in the library, or by a file to bring there. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ResourceKind } from '../../contract/resources.ts';
import type { StudioClient } from '../../contract/studio.ts';

/**
 * The id of an adapter of the library; a path is imported first, unless it was before.
 * @throws {StudioError} as `resources.import`; a name that nothing has is refused when it is queued
 */
export async function adapterId(
  client: StudioClient,
  kind: ResourceKind,
  nameOrPath: string,
): Promise<string> {
  const installed = (await client['resources.list']({})).filter((known) => known.kind === kind);
  const named = installed.find(({ id, name }) => id === nameOrPath || name === nameOrPath);
  if (named) return named.id;
  const file = path.resolve(nameOrPath);
  const found = await stat(file).catch(() => null);
  if (!found) return nameOrPath;
  const known = installed.find(({ id, sizeBytes }) => {
    return id === path.parse(file).name && found.isFile() && sizeBytes === found.size;
  });
  return known?.id ?? (await client['resources.import']({ path: file, kind })).id;
}
