/**
 * The thread that changes the library. Blocking work is done here one call after the other.
 *
 * Promises: nothing but this thread writes; a rebuild is one transaction, so that readers see the
 * library as it was until it is done, and as it was if it is cancelled.
 */
import { closeSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { isDamagedDatabase, storageError, systemCode } from '../storage-error.ts';
import { openWritable, type WritableDatabase } from './database/connection.ts';
import { addImage, rateImages, type LibraryStore } from './image-changes.ts';
import { pictureFolders } from './image-rows.ts';
import { lockLibrary } from './lock.ts';
import { openMarksJournal } from './marks-journal.ts';
import { migrate, refuseNewer } from './migrations/index.ts';
import { reconcile, type Reconciled } from './reconcile.ts';
import { emptyTrash, restoreImages, trashImages } from './trash.ts';
import type { writerContract } from './worker-contract.ts';

export const databaseFileName = 'library.sqlite';

interface OpenStore extends LibraryStore {
  readonly lock: Disposable;
}

export function createWriter(): Handlers<typeof writerContract> {
  let store: OpenStore | null = null;
  let tail: Promise<unknown> = Promise.resolve();

  /** Runs after all work that came before it. */
  function inTurn<T>(work: (opened: OpenStore) => T | Promise<T>): Promise<T> {
    const result = tail.then(() => {
      if (!store) throw new StudioError('disconnected', 'The library is closed. Restart Atelier.');
      return work(store);
    });
    tail = result.catch(() => {});
    return result;
  }

  return {
    open: async ({ folder, host }) => {
      const opened = openStore(folder, host);
      store = opened.store;
      return {
        adopted: opened.healed.adopted,
        relinked: opened.healed.relinked,
        unreadable: [...opened.healed.unreadable],
        damagedDatabase: opened.damagedDatabase,
      };
    },
    add: (image) => inTurn((opened) => addImage(opened, image)),
    rate: ({ ids, rating }) => inTurn((opened) => ({ ids: rateImages(opened, ids, rating) })),
    trash: ({ ids }) => inTurn((opened) => ({ ids: trashImages(opened, ids) })),
    restore: ({ ids }) => inTurn((opened) => ({ ids: restoreImages(opened, ids) })),
    emptyTrash: () => inTurn((opened) => ({ deleted: emptyTrash(opened) })),
    async *rebuild(_input, { signal }) {
      const turn = Promise.withResolvers<void>();
      const opened = await new Promise<OpenStore>((resolve, reject) => {
        inTurn(async (current) => {
          resolve(current);
          await turn.promise;
        }).catch(reject);
      });
      const { database, folder } = opened;
      let isCommitted = false;
      database.execute('BEGIN IMMEDIATE');
      try {
        database.execute('DELETE FROM images');
        for (const progress of reconcile(opened)) {
          // Lets the cancel frame in.
          await nextTurn();
          signal.throwIfAborted();
          yield progress;
        }
        database.execute('COMMIT');
        isCommitted = true;
      } catch (error) {
        throw signal.aborted ? error : storageError(error, folder);
      } finally {
        // Also reached when the reader leaves early.
        if (!isCommitted) database.execute('ROLLBACK');
        turn.resolve();
      }
    },
    close: () =>
      inTurn(({ database, marks, lock }) => {
        store = null;
        database[Symbol.dispose]();
        marks[Symbol.dispose]();
        lock[Symbol.dispose]();
        return {};
      }),
  };
}

function openStore(
  folder: string,
  host: string,
): { store: OpenStore; healed: Reconciled; damagedDatabase: string | null } {
  const databasePath = path.join(folder, databaseFileName);
  refuseNewer(versionInFile(databasePath), folder);
  using undo = new DisposableStack();
  try {
    for (const name of [...pictureFolders, 'documents', 'models']) {
      mkdirSync(path.join(folder, name), { recursive: true });
    }
    const lock = undo.use(lockLibrary(folder, { pid: process.pid, host }));
    const marks = undo.use(openMarksJournal(folder));
    let damagedDatabase: string | null = null;
    let database: WritableDatabase;
    try {
      database = openMigrated(databasePath, folder);
    } catch (error) {
      if (!isDamagedDatabase(error)) throw error;
      damagedDatabase = putAside(databasePath);
      database = openMigrated(databasePath, folder);
    }
    undo.use(database);
    const store = { folder, database, marks, lock };
    const healed = database.transaction(() => finish(reconcile(store)));
    undo.move();
    return { store, healed, damagedDatabase };
  } catch (error) {
    throw storageError(error, folder);
  }
}

function openMigrated(databasePath: string, folder: string): WritableDatabase {
  using undo = new DisposableStack();
  const database = undo.use(openWritable(databasePath));
  migrate(database, folder);
  undo.move();
  return database;
}

function finish<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The schema version in a database file's header (offset 60, big-endian; https://sqlite.org/fileformat2.html).
 * Read without SQLite, which would leave files of its own beside a database that must not be touched.
 */
function versionInFile(databasePath: string): number {
  const header = Buffer.alloc(64);
  try {
    const file = openSync(databasePath, 'r');
    try {
      return readSync(file, header, 0, header.length, 0) === header.length &&
        header.toString('latin1', 0, 15) === 'SQLite format 3'
        ? header.readUInt32BE(60)
        : 0;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw storageError(error, databasePath);
  }
}

/** Renames a damaged database and what belongs to it. @returns its new path */
function putAside(databasePath: string): string {
  const aside = `${databasePath}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const suffix of ['-wal', '-shm', '']) {
    try {
      renameSync(databasePath + suffix, aside + suffix);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return aside;
}
