/** Files of the built window, by address; nothing outside their folder. */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export interface StaticFile {
  readonly path: string;
  readonly contentType: string;
  readonly etag: string;
  /** The build put a hash of the content into the name, so it never changes. */
  readonly immutable: boolean;
}

/**
 * @param root the built window's folder
 * @param pathname the address's path, still percent-encoded
 * @returns null for whatever is not a plain file of a known type below the root, links out of it included
 */
export async function findStaticFile(root: string, pathname: string): Promise<StaticFile | null> {
  const decoded = decode(pathname);
  if (decoded === null || !decoded.startsWith('/') || /[\0\\]/.test(decoded)) return null;
  const relative = decoded === '/' ? 'index.html' : decoded.slice(1);
  if (relative.split('/').some((part) => part === '' || part.startsWith('.'))) return null;
  const contentType = contentTypes[path.extname(relative)];
  if (!contentType) return null;
  try {
    const [realRoot, file] = await Promise.all([
      realpath(root),
      realpath(path.join(root, relative)),
    ]);
    if (!file.startsWith(realRoot + path.sep)) return null;
    const found = await stat(file);
    if (!found.isFile()) return null;
    return {
      path: file,
      contentType,
      etag: `"${found.size.toString(16)}-${Math.trunc(found.mtimeMs).toString(16)}"`,
      immutable: /-[\w-]{8}\.\w+$/.test(relative),
    };
  } catch {
    return null;
  }
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}
