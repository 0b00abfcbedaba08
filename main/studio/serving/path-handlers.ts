/** Where on this machine something is to go or come from: the system's dialog, or completion of what is typed. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { StudioHandlers } from '../../../contract/studio.ts';
import type { HostPorts } from '../host-ports.ts';

const mostFolders = 100;

/** @param choosePath see `HostPorts.choosePath` */
export function pathHandlers(
  choosePath: HostPorts['choosePath'],
): Pick<StudioHandlers, 'system.choosePath' | 'system.folders'> {
  return {
    'system.choosePath': async (request) => {
      if (choosePath === null) {
        throw new StudioError(
          'unsupported',
          'A browser cannot open a dialog for folders of this machine. Type the path instead.',
        );
      }
      return { path: await choosePath(request) };
    },
    'system.folders': async ({ path: typed }) => ({ folders: await foldersFor(typed) }),
  };
}

async function foldersFor(typed: string): Promise<string[]> {
  if (!path.isAbsolute(typed) || typed.includes('\0')) return [];
  const isWhole = typed.endsWith('/') || typed.endsWith(path.sep);
  const parent = isWhole ? path.normalize(typed) : path.dirname(typed);
  const beginning = isWhole ? '' : path.basename(typed).toLowerCase();
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    return entries
      .filter(
        (entry) =>
          entry.isDirectory() &&
          entry.name.toLowerCase().startsWith(beginning) &&
          (!entry.name.startsWith('.') || beginning.startsWith('.')),
      )
      .map((entry) => path.join(parent, entry.name))
      .toSorted()
      .slice(0, mostFolders);
  } catch {
    // Not there, or not to be read: there is nothing to offer.
    return [];
  }
}
