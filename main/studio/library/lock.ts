/**
 * One program per library.
 *
 * Promises: two programs never hold the same library, however they race; the lock of a program that
 * died, in whatever way, is free at once, since the system itself holds it for the living process.
 * SQLite's exclusive lock is used for that: it is an OS-level lock on every platform.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { storageError } from '../storage-error.ts';

const lockFileName = 'library.lock';
/** Apart from the lock: on POSIX, closing any handle of a locked file would drop its process's lock. */
const ownerFileName = 'library.owner.json';

const Owner = z.object({ pid: z.number().int(), host: z.string() });
export type Owner = z.infer<typeof Owner>;

/** Long enough for a program that is just ending to let go. Milliseconds. */
const waitMs = 300;

/**
 * @param folder the library folder; must exist
 * @returns the lock; disposing gives it back
 * @throws {StudioError} `library-locked` with `pid` and `host` of the holder, `library-read-only`, `disk-full`
 */
export function lockLibrary(folder: string, owner: Owner): Disposable {
  const lockPath = path.join(folder, lockFileName);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(lockPath, { timeout: waitMs });
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    writeFileSync(path.join(folder, ownerFileName), JSON.stringify(owner));
  } catch (error) {
    database?.close();
    const known = storageError(error, folder);
    throw known.code === 'library-locked' ? lockedError(folder) : known;
  }
  const held = database;
  return {
    [Symbol.dispose]() {
      if (held.isOpen) held.close();
    },
  };
}

function lockedError(folder: string): StudioError {
  const holder = readOwner(folder);
  const who = holder ? ` (process ${holder.pid} on ${holder.host})` : '';
  return new StudioError(
    'library-locked',
    `The library "${folder}" is open in another Atelier${who}. Use that one, or close it and try again.`,
    { folder, ...holder },
  );
}

function readOwner(folder: string): Owner | null {
  try {
    return Owner.parse(JSON.parse(readFileSync(path.join(folder, ownerFileName), 'utf8')));
  } catch {
    // The holder may be about to write it; the lock counts, not this file.
    return null;
  }
}
