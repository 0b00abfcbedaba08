/**
 * A ZIP file that grows beside its final place and appears whole.
 *
 * Promises: pictures that were noted are durable in the unfinished file, so that a later run goes on behind the last
 * of them; nothing that is there is replaced unless that was asked for; memory does not grow with the content.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { appearUnder, type WhenTaken } from './appear.ts';
import { targetError, vanished } from './halt.ts';
import type { OutputFile, PlacedFile, Target } from './target.ts';
import { directoryEnd, directoryRecord, localHeader } from './zip-file.ts';

export interface ZipTargetOptions {
  /** Absolute, with its ending. */
  readonly path: string;
  readonly exportId: string;
  readonly whenTaken: WhenTaken;
  /** Of the files in it, milliseconds since 1970. */
  readonly createdAt: number;
  /** What the journal says is in it, in the order of their places. */
  readonly placed: readonly PlacedFile[];
  /** All of it again, for the directory at the end: not kept in memory meanwhile. */
  readonly readPlaced: () => AsyncIterable<PlacedFile>;
}

interface Waiting {
  readonly files: readonly OutputFile[];
  readonly note: (placed: readonly PlacedFile[]) => Promise<void>;
  readonly done: PromiseWithResolvers<readonly PlacedFile[]>;
}

const copyBytes = 2 ** 20;

/** @throws {TargetTrouble} where the file cannot be written */
export async function openZipTarget(options: ZipTargetOptions): Promise<Target> {
  const folder = path.dirname(options.path);
  const unfinished = path.join(folder, `.${options.exportId}-zip.part`);
  const names = new Set(options.placed.map(({ name }) => name));
  let file: FileHandle;
  let end = 0;
  try {
    await mkdir(folder, { recursive: true });
    file = await open(unfinished, 'a+').then(async (made) => {
      await made.close();
      return open(unfinished, 'r+');
    });
    end = await wholeEnd(file, options.placed);
    await file.truncate(end);
  } catch (error) {
    throw targetError(error, folder);
  }
  const waiting: Waiting[] = [];
  let working: Promise<void> | null = null;

  /** Everything that waits is written, made durable and noted at once: a sync costs the same for many. */
  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0);
      const start = end;
      try {
        if ((await lstat(unfinished).catch(() => null)) === null) throw vanished(unfinished);
        const placed: PlacedFile[][] = [];
        for (const { files } of batch) {
          const own: PlacedFile[] = [];
          for (const one of files) own.push(await append(one));
          placed.push(own);
        }
        await file.datasync();
        await Promise.all(batch.map(({ note }, index) => note(placed[index] ?? [])));
        for (const [index, { done }] of batch.entries()) done.resolve(placed[index] ?? []);
      } catch (error) {
        end = start;
        await file.truncate(start).catch(() => {});
        for (const { done } of batch) done.reject(targetError(error, folder));
      }
    }
  }

  async function append({ name, bytes }: OutputFile): Promise<PlacedFile> {
    const crc = crc32(bytes);
    const header = localHeader({ name, size: bytes.length, crc }, options.createdAt);
    const at = end;
    await writeAll(header, at);
    await writeAll(bytes, at + header.length);
    end = at + header.length + bytes.length;
    names.add(name);
    const hash = createHash('sha256').update(bytes).digest('hex');
    return { name, size: bytes.length, hash, at, crc };
  }

  async function writeAll(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await file.write(
        bytes,
        written,
        bytes.length - written,
        position + written,
      );
      written += bytesWritten;
    }
  }

  return {
    // Nothing else is in the file.
    isTaken: (wanted) => Promise.resolve(wanted.some((name) => names.has(name))),
    place(_index, files, note) {
      const done = Promise.withResolvers<readonly PlacedFile[]>();
      waiting.push({ files, note, done });
      working ??= work().finally(() => (working = null));
      return done.promise;
    },
    settle: (placed) =>
      Promise.resolve(placed.every(({ at, size }) => at !== undefined && at + size <= end)),
    async finish(signal) {
      try {
        const start = end;
        let at = start;
        let entries = 0;
        let records: Uint8Array[] = [];
        let pending = 0;
        const flush = async () => {
          const bytes = Buffer.concat(records);
          await writeAll(bytes, at);
          at += bytes.length;
          records = [];
          pending = 0;
        };
        for await (const { name, size, crc = 0, at: entryAt = 0 } of options.readPlaced()) {
          signal.throwIfAborted();
          const record = directoryRecord({ name, size, crc, at: entryAt }, options.createdAt);
          records.push(record);
          pending += record.length;
          entries += 1;
          if (pending > copyBytes) await flush();
        }
        await flush();
        await writeAll(directoryEnd(entries, start, at - start), at);
        await file.sync();
        await file.close();
        return await appearUnder(unfinished, options.path, options.whenTaken);
      } catch (error) {
        throw signal.aborted ? error : targetError(error, folder);
      }
    },
    async discard() {
      await file.close().catch(() => {});
      await rm(unfinished, { force: true });
    },
    async close() {
      await working;
      await file.close().catch(() => {});
    },
  };
}

/** Behind the last entry that is there and is what the journal says; entries behind a broken one are of no use. */
async function wholeEnd(file: FileHandle, placed: readonly PlacedFile[]): Promise<number> {
  let end = 0;
  const buffer = Buffer.alloc(copyBytes);
  for (const { name, size, crc, at } of placed) {
    if (at !== end) return end;
    const content = at + 30 + Buffer.byteLength(name) + (size >= 0xffff_ffff ? 20 : 0);
    let found = 0;
    for (let read = 0; read < size;) {
      const { bytesRead } = await file.read(
        buffer,
        0,
        Math.min(copyBytes, size - read),
        content + read,
      );
      if (bytesRead === 0) return end;
      found = crc32(buffer.subarray(0, bytesRead), found);
      read += bytesRead;
    }
    if (found !== crc) return end;
    end = content + size;
  }
  return end;
}
