/** What file systems and SQLite report, in the studio's own codes and with a remedy. */
import { StudioError } from '../../contract/errors.ts';

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);
const noFolderCodes = new Set(['ENOTDIR', 'EEXIST']);
const readOnlyCodes = new Set(['EROFS', 'EACCES', 'EPERM']);

// https://sqlite.org/rescode.html: the low byte of an extended code is the primary code.
const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteIoError = 10;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteCantOpen = 14;
const sqliteNotADatabase = 26;
/** Sizing the shared-memory file failed: in practice, no room for it. */
const sqliteIoErrorShmSize = 4874;

/** The system's code of an error, such as `ENOENT`; null if it has none. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

function sqliteCode(error: unknown): number | null {
  if (systemCode(error) !== 'ERR_SQLITE_ERROR') return null;
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : null;
}

/** True where a database file is damaged or is no database, also once that is told in words. */
export function isDamagedDatabase(error: unknown): boolean {
  if (error instanceof StudioError) return isDamagedDatabase(error.cause);
  const code = sqliteCode(error);
  return code !== null && [sqliteCorrupt, sqliteNotADatabase].includes(code & 0xff);
}

/**
 * @param path the file or folder that was worked on, for the message
 * @returns `disk-full`, `library-read-only`, `library-locked`, `bad-request` where a folder is none, or
 *   `internal` where the cause is none of these
 */
export function storageError(error: unknown, path: string): StudioError {
  if (error instanceof StudioError) return error;
  const code = systemCode(error) ?? '';
  const sqlite = sqliteCode(error);
  const primary = sqlite === null ? null : sqlite & 0xff;
  const options = { cause: error };
  if (fullCodes.has(code) || primary === sqliteFull || sqlite === sqliteIoErrorShmSize) {
    return new StudioError(
      'disk-full',
      `The disk that holds "${path}" is full. Nothing that was saved before is lost. Free some space and try again.`,
      { path },
      options,
    );
  }
  if (readOnlyCodes.has(code) || primary === sqliteReadOnly || primary === sqliteCantOpen) {
    return new StudioError(
      'library-read-only',
      `"${path}" cannot be written to. Give yourself the right to write there, or choose another folder.`,
      { path },
      options,
    );
  }
  if (noFolderCodes.has(code)) {
    return new StudioError(
      'bad-request',
      `"${path}" cannot be a folder: there is a file of that name in its path. Choose another folder.`,
      { path },
      options,
    );
  }
  if (primary === sqliteBusy) {
    return new StudioError(
      'library-locked',
      `"${path}" is in use by another program. Close it there and try again.`,
      { path },
      options,
    );
  }
  if (primary !== null && [sqliteCorrupt, sqliteNotADatabase].includes(primary)) {
    return new StudioError(
      'internal',
      `The library's database is damaged; pictures, marks and albums lie in files of their own. Let the library be checked and mended, in Settings or with "atelier library doctor --fix": the database is then made anew from these files.`,
      { path },
      options,
    );
  }
  if (primary === sqliteIoError) {
    return new StudioError(
      'internal',
      `The disk reported an error at "${path}". Check the disk, then restart Atelier.`,
      { path },
      options,
    );
  }
  return StudioError.from(error);
}
