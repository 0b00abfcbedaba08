/** A picture's file as a check sees it. */
import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { systemCode } from '../../storage-error.ts';
import { maxPictureBytes } from '../read-picture-file.ts';

export type Content =
  /** No file of that name; a symbolic link or a folder is none. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly hash: string };

const goneCodes = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** @throws the signal's reason */
export async function readContent(filePath: string, signal?: AbortSignal): Promise<Content> {
  try {
    const found = await lstat(filePath);
    if (!found.isFile()) return { kind: 'gone' };
    if (found.size > maxPictureBytes) return { kind: 'too-large' };
    const bytes = await readFile(filePath, { signal });
    return { kind: 'bytes', bytes, hash: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    signal?.throwIfAborted();
    const code = systemCode(error);
    if (code === null) throw error;
    return goneCodes.has(code) ? { kind: 'gone' } : { kind: 'refused', code };
  }
}
