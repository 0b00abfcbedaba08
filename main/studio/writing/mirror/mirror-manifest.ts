/** What the plain files of a project are: which scene each holds, and what was written there last. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** By path below `text/`. */
const MirrorManifest = z.record(z.string(), z.object({ scene: z.string(), sha256: z.string() }));
export type MirrorManifest = z.infer<typeof MirrorManifest>;

export function manifestPath(projectFolder: string): string {
  return path.join(projectFolder, 'text', '.mirror.json');
}

/** @returns an empty one where there is none that can be read */
export function readManifest(projectFolder: string): MirrorManifest {
  try {
    return MirrorManifest.parse(JSON.parse(readFileSync(manifestPath(projectFolder), 'utf8')));
  } catch {
    return {};
  }
}

/** In the order of the project. */
export function mirroredScenes(
  projectFolder: string,
): { readonly scene: string; readonly chapter: string; readonly name: string }[] {
  return Object.entries(readManifest(projectFolder))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, { scene }]) => ({
      scene,
      chapter: path.posix.dirname(file),
      name: path.posix.basename(file, '.md'),
    }));
}
