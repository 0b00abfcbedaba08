/** The bytes of a file that anybody may be writing to, or that may be anything else. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { notOrdinary } from './find-files.ts';

export interface WholeFile {
  readonly bytes: Uint8Array;
  /** Whole milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Not to follow a link, nor to wait for the other end of a pipe. Windows has neither. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * @returns a reason, in a sentence, where it is not to be read
 * @throws the file system's error
 */
export async function readWholeFile(file: string, maxBytes: number): Promise<WholeFile | string> {
  const handle = await open(file, flags);
  try {
    const before = await handle.stat();
    if (!before.isFile()) return notOrdinary;
    if (before.size === 0) return 'It is empty.';
    if (before.size > maxBytes) return tooLargeReason(maxBytes);
    const bytes = Buffer.alloc(before.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const after = await handle.stat();
    if (filled < bytes.length || after.size !== before.size || after.mtimeMs !== before.mtimeMs)
      return 'It was changed while it was read. Import it again once it is finished.';
    return { bytes, modifiedAt: Math.max(0, Math.floor(after.mtimeMs)) };
  } finally {
    await handle.close();
  }
}

export function tooLargeReason(maxBytes: number): string {
  return `It is larger than ${Math.floor(maxBytes / 1e6)} MB.`;
}
