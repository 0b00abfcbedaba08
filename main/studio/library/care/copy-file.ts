/** Copies whole files with their hash, without ever leaving half a one under its name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { temporaryPathIn } from '../../durable-file.ts';

export interface CopiedFile {
  /** In the folder asked for, durable, under a temporary name: to be renamed or deleted. */
  readonly temporary: string;
  /** SHA-256 of what was copied. */
  readonly hash: string;
  readonly sizeBytes: number;
}

/** @throws the file system's error, or the signal's reason; nothing is left then */
export async function copyHashed(
  from: string,
  toFolder: string,
  signal: AbortSignal,
): Promise<CopiedFile> {
  await mkdir(toFolder, { recursive: true });
  const temporary = temporaryPathIn(toFolder);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    await using file = await open(temporary, 'wx');
    for await (const part of createReadStream(from, { highWaterMark: 1 << 20, signal })) {
      const bytes: Uint8Array = part;
      hash.update(bytes);
      sizeBytes += bytes.length;
      for (let written = 0; written < bytes.length;)
        written += (await file.write(bytes, written)).bytesWritten;
    }
    await file.sync();
    signal.throwIfAborted();
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  return { temporary, hash: hash.digest('hex'), sizeBytes };
}

/** @throws the file system's error, or the signal's reason */
export async function hashFile(filePath: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(filePath, { highWaterMark: 1 << 20, signal })) {
    const bytes: Uint8Array = part;
    hash.update(bytes);
  }
  return hash.digest('hex');
}
