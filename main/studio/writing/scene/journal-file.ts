/**
 * A file of lines that only grows, for a thread that may block.
 *
 * Promises: after `append` returned the line is in the system's hands, so that the death of any process loses
 * nothing of it; after `sync` it survives a power cut; a line that could not be written whole leaves no trace.
 * What follows the last line break when the file is opened is a line that was cut off: it is handed to
 * `keepAside` and removed.
 */
import {
  constants,
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { syncFolderSync } from '../../durable-file.ts';
import { storageError } from '../../storage-error.ts';

/** A line's place: its first byte, and its length without the line break. */
export interface LinePlace {
  readonly offset: number;
  readonly length: number;
}

export interface JournalFile extends Disposable {
  readonly sizeBytes: number;
  /** @param line without line breaks @throws {StudioError} `disk-full`, `library-read-only` */
  append(line: string): LinePlace;
  /** Does nothing where all is synced. @throws as `append` */
  sync(): void;
  read(from: number, to: number): Buffer;
  /** Whole lines from a byte on, in order, in pieces that need not fit into memory together. */
  lines(from: number, to?: number): Iterable<LinePlace & { readonly bytes: Buffer }>;
}

const lineBreak = 0x0a;
const pieceBytes = 2 ** 20;

/** @param firstLine written where there is no file yet, or an empty one */
export function openJournalFile(
  filePath: string,
  firstLine: () => string,
  keepAside: (bytes: Buffer, offset: number) => void,
): JournalFile {
  const file = openReadableAndWritable(filePath);
  let { size: sizeBytes } = fstatSync(file);
  let syncedBytes = sizeBytes;

  function read(from: number, to: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, sizeBytes) - from));
    for (let filled = 0; filled < bytes.length;) {
      const count = readSync(file, bytes, filled, bytes.length - filled, from + filled);
      if (count === 0) return bytes.subarray(0, filled);
      filled += count;
    }
    return bytes;
  }

  function cutTornLine(): void {
    let end = sizeBytes;
    while (end > 0) {
      const from = Math.max(0, end - pieceBytes);
      const found = read(from, end).lastIndexOf(lineBreak);
      end = found === -1 ? from : from + found + 1;
      if (found !== -1) break;
    }
    if (end === sizeBytes) return;
    keepAside(read(end, sizeBytes), end);
    ftruncateSync(file, end);
    sizeBytes = end;
    syncedBytes = end;
  }

  function append(line: string): LinePlace {
    const bytes = Buffer.from(`${line}\n`);
    const offset = sizeBytes;
    try {
      for (let written = 0; written < bytes.length;)
        written += writeSync(file, bytes, written, bytes.length - written, offset + written);
    } catch (error) {
      // Half a line would swallow the next one.
      ftruncateSync(file, sizeBytes);
      throw storageError(error, filePath);
    }
    sizeBytes += bytes.length;
    return { offset, length: bytes.length - 1 };
  }

  function sync(): void {
    if (syncedBytes === sizeBytes) return;
    try {
      fdatasyncSync(file);
    } catch (error) {
      throw storageError(error, filePath);
    }
    syncedBytes = sizeBytes;
  }

  try {
    cutTornLine();
    if (sizeBytes === 0) {
      append(firstLine());
      sync();
      syncFolderSync(path.dirname(filePath));
    }
  } catch (error) {
    closeSync(file);
    throw storageError(error, filePath);
  }

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    append,
    sync,
    read,
    *lines(from, to = sizeBytes) {
      let rest: Buffer[] = [];
      let offset = from;
      for (let at = from; at < to; at += pieceBytes) {
        const piece = read(at, Math.min(to, at + pieceBytes));
        let begin = 0;
        for (
          let end = piece.indexOf(lineBreak);
          end !== -1;
          end = piece.indexOf(lineBreak, begin)
        ) {
          const bytes = Buffer.concat([...rest, piece.subarray(begin, end)]);
          yield { offset, length: bytes.length, bytes };
          offset += bytes.length + 1;
          rest = [];
          begin = end + 1;
        }
        if (begin < piece.length) rest.push(piece.subarray(begin));
      }
    },
    [Symbol.dispose]() {
      closeSync(file);
    },
  };
}

function openReadableAndWritable(filePath: string): number {
  try {
    return openSync(filePath, constants.O_RDWR | constants.O_CREAT);
  } catch (error) {
    throw storageError(error, filePath);
  }
}
