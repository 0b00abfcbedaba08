/**
 * The library's database as a file: its version, and what becomes of a damaged one. Without SQLite, which leaves files
 * of its own beside a database that must not be touched.
 * Source: https://sqlite.org/fileformat2.html, §1.3 (header), §4 (write-ahead log).
 */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { storageError, systemCode } from '../../storage-error.ts';

export const databaseFileName = 'library.sqlite';

/** Where a database is made that is to take the place of another; what a crash left there is nothing. */
export function unfinishedPathOf(databasePath: string): string {
  return `${databasePath}.new`;
}

/** The database, and what SQLite keeps beside it while it is open. */
const suffixes = ['', '-wal', '-shm'] as const;

const headerBytes = 64;
const versionOffset = 60;
const walHeaderBytes = 32;
const frameHeaderBytes = 24;

/**
 * The schema version of a database; 0 for what is none. A program that was killed may have left a newer one in the
 * write-ahead log than the file itself says.
 * @throws {StudioError} as `storageError`
 */
export function versionInFile(databasePath: string): number {
  const inFile = withFile(databasePath, (file) => {
    const header = bytesAt(file, 0, headerBytes);
    return header?.toString('latin1', 0, 15) === 'SQLite format 3'
      ? header.readUInt32BE(versionOffset)
      : 0;
  });
  return withFile(`${databasePath}-wal`, versionInLog) ?? inFile ?? 0;
}

/** Null where no transaction of the log changed the first page. */
function versionInLog(log: number): number | null {
  const header = bytesAt(log, 0, walHeaderBytes);
  if (!header || header.readUInt32BE(0) >>> 1 !== 0x377f0682 >>> 1) return null;
  const pageBytes = header.readUInt32BE(8);
  const salts = header.subarray(16, 24);
  let committed: number | null = null;
  let pending: number | null = null;
  for (let at = walHeaderBytes; ; at += frameHeaderBytes + pageBytes) {
    const frame = bytesAt(log, at, frameHeaderBytes);
    // What is left of a log that was begun anew has other salts.
    if (!frame?.subarray(8, 16).equals(salts)) return committed;
    if (frame.readUInt32BE(0) === 1)
      pending =
        bytesAt(log, at + frameHeaderBytes, headerBytes)?.readUInt32BE(versionOffset) ?? pending;
    // Only the last frame of a transaction tells how large the database is then.
    if (frame.readUInt32BE(4) > 0) committed = pending ?? committed;
  }
}

/** Null where the file ends before that. */
function bytesAt(file: number, position: number, length: number): Buffer | null {
  const bytes = Buffer.alloc(length);
  return readSync(file, bytes, 0, length, position) === length ? bytes : null;
}

function withFile<T>(filePath: string, read: (file: number) => T): T | null {
  try {
    const file = openSync(filePath, 'r');
    try {
      return read(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw storageError(error, filePath);
  }
}

function asideOf(databasePath: string): string {
  return `${databasePath}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
}

/** Renames a damaged database and what belongs to it; nobody may have it open. @returns its new path */
export function putAside(databasePath: string): string {
  const aside = asideOf(databasePath);
  for (const suffix of suffixes.toReversed()) {
    try {
      renameSync(databasePath + suffix, aside + suffix);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return aside;
}

/** Keeps a copy of a database that is open. @returns the copy's path */
export function copyAside(databasePath: string): string {
  const aside = asideOf(databasePath);
  for (const suffix of ['', '-wal'])
    if (existsSync(databasePath + suffix))
      copyFileSync(databasePath + suffix, aside + suffix, constants.COPYFILE_FICLONE);
  return aside;
}

export function deleteDatabase(databasePath: string): void {
  for (const suffix of suffixes) rmSync(databasePath + suffix, { force: true });
}
