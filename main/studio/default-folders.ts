/** Where a person's pictures, settings and caches lie when nobody says otherwise. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { HostPaths } from './host-ports.ts';

export type DefaultFolders = Omit<HostPaths, 'bundledModels'>;

export interface FolderSurroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** True where a folder exists; asked for the person's picture folder alone. */
  readonly exists: (folder: string) => boolean;
}

/**
 * `ATELIER_LIBRARY` and `ATELIER_DATA` override the platform's folders; relative paths in them are
 * taken from the current folder. With `ATELIER_DATA` the cache lies inside it, so that one variable
 * keeps a run wholly apart from the person's own files.
 * @returns absolute paths; nothing is created
 */
export function defaultFolders(given: Partial<FolderSurroundings> = {}): DefaultFolders {
  const surroundings = { ...thisMachine(), ...given };
  const { env, platform } = surroundings;
  const join = platform === 'win32' ? path.win32.join : path.posix.join;
  const own = platformFolders(surroundings, join);
  const data = env['ATELIER_DATA'] ? path.resolve(env['ATELIER_DATA']) : own.data;
  return {
    data,
    library: env['ATELIER_LIBRARY'] ? path.resolve(env['ATELIER_LIBRARY']) : own.library,
    cache: env['ATELIER_DATA'] ? join(data, 'cache') : own.cache,
  };
}

function thisMachine(): FolderSurroundings {
  return { platform: process.platform, env: process.env, home: homedir(), exists: existsSync };
}

function platformFolders(
  { platform, env, home, exists }: FolderSurroundings,
  join: typeof path.join,
): DefaultFolders {
  const pictures = join(home, 'Pictures');
  const library = exists(pictures) ? join(pictures, 'Atelier') : join(home, 'Atelier');
  switch (platform) {
    case 'win32':
      return {
        data: join(env['APPDATA'] || join(home, 'AppData', 'Roaming'), 'Atelier'),
        library,
        cache: join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Atelier', 'Cache'),
      };
    case 'darwin':
      return {
        data: join(home, 'Library', 'Application Support', 'Atelier'),
        library,
        cache: join(home, 'Library', 'Caches', 'Atelier'),
      };
    default:
      return {
        data: join(baseDirectory(env['XDG_DATA_HOME']) ?? join(home, '.local', 'share'), 'atelier'),
        library,
        cache: join(baseDirectory(env['XDG_CACHE_HOME']) ?? join(home, '.cache'), 'atelier'),
      };
  }
}

/** The XDG Base Directory specification says that a relative path is invalid and to be ignored. */
function baseDirectory(value: string | undefined): string | undefined {
  return value?.startsWith('/') ? value : undefined;
}
