/** What is kept of one library outside of it: in the data folder, since it is about paths of this machine. */
import { createHash } from 'node:crypto';
import path from 'node:path';

/** @param kind what is kept there @returns a folder that no other library has */
export function folderOfLibrary(dataFolder: string, kind: string, libraryFolder: string): string {
  const key = createHash('sha256').update(path.resolve(libraryFolder)).digest('hex').slice(0, 16);
  return path.join(dataFolder, kind, key);
}
