/** What every host supplies alike; the shell replaces how the engine is forked and files are shown. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { DefaultFolders } from './default-folders.ts';
import { forkNodeEngine } from './engine-client/node-engine-process.ts';
import type { HostPorts } from './host-ports.ts';

/** The folder that holds `package.json`, whether this runs from its sources or from `dist/`. */
const programFolder = new URL(
  import.meta.url.endsWith('.ts') ? '../../' : '../../../',
  import.meta.url,
);

export const programFolders = {
  bundledModels: fileURLToPath(new URL('models/starter', programFolder)),
  /** The built window. */
  renderer: fileURLToPath(new URL('dist/renderer', programFolder)),
} as const;

export function programVersion(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('package.json', programFolder), 'utf8'));
  return z.object({ version: z.string() }).parse(file).version;
}

export function createNodeHostPorts(
  kind: HostPorts['kind'],
  folders: DefaultFolders,
  bundledModels: string = programFolders.bundledModels,
): HostPorts {
  return {
    kind,
    version: programVersion(),
    resumesQueue: kind !== 'cli',
    paths: { ...folders, bundledModels },
    forkEngine: () => forkNodeEngine(),
    reveal: null,
    choosePath: null,
    now: Date.now,
    drawSeed: () => randomInt(2 ** 32),
  };
}
