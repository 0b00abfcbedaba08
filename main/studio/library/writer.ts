/**
 * The thread that changes the library. Blocking work is done here one call after the other.
 *
 * Promises: nothing but this thread writes; the comparison with all files gives others their turns; a
 * rebuild is one transaction, so that readers see the library as it was until it is done, and as it was
 * if it is cancelled.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { isDamagedDatabase, storageError } from '../storage-error.ts';
import { openWritable, type WritableDatabase } from './database/connection.ts';
import {
  databaseFileName,
  deleteDatabase,
  putAside,
  unfinishedPathOf,
  versionInFile,
} from './database/database-file.ts';
import {
  addToAlbum,
  createAlbum,
  moveAlbum,
  moveInAlbum,
  removeAlbum,
  removeFromAlbum,
  updateAlbum,
} from './album-changes.ts';
import { catchUpAlbums } from './album-rows.ts';
import { openAlbumsJournal } from './albums-journal.ts';
import { mend } from './care/mend.ts';
import { remakeDatabase } from './care/remake-database.ts';
import { takeInFiles, takeOverAlbums, takeOverMarks } from './care/take-over.ts';
import type { Mended } from './care/problem.ts';
import { createChangeHistory, type Outcome } from './change-history.ts';
import { addImage, type LibraryStore } from './image-changes.ts';
import { countImages } from './image-queries.ts';
import { pictureFolders } from './image-rows.ts';
import { lockLibrary } from './lock.ts';
import { lookAtFiles } from './look-at-files.ts';
import { catchUpMarks, markImages, removeTag, renameTag } from './marks.ts';
import { openMarksJournal } from './marks-journal.ts';
import { migrate, refuseNewer } from './migrations/index.ts';
import { countPictures } from './picture-files.ts';
import { adoptAll, differingPaths } from './reconcile.ts';
import { forgetOldAnalyses, storeAnalyses } from './stored-analyses.ts';
import { takePictures } from './take-pictures.ts';
import { createTagNames } from './tag-names.ts';
import { emptyTrash, restoreImages, trashImages } from './trash.ts';
import { filesAtOnce, type writerContract } from './worker-contract.ts';

/** Of work that is done in pieces. */
const turnMs = 50;

/** A database that is locked and migrated, and readable meanwhile; its journals come with `heal`. */
interface OpenDatabase {
  readonly folder: string;
  readonly database: WritableDatabase;
  readonly lock: Disposable;
}

export function createWriter(): Handlers<typeof writerContract> {
  let opened: OpenDatabase | null = null;
  let store: LibraryStore | null = null;
  let tail: Promise<unknown> = Promise.resolve();
  const history = createChangeHistory();

  /** Runs after all work that came before it. */
  function inTurn<T>(work: (store: LibraryStore) => T | Promise<T>): Promise<T> {
    const result = tail.then(() => {
      if (!opened) throw new StudioError('disconnected', 'The library is closed. Restart Atelier.');
      // Also where healing failed: the journals may be readable by now.
      store ??= withJournals(opened);
      return work(store);
    });
    tail = result.catch(() => {});
    return result;
  }

  /** The same in pieces of a bounded time, between which others have their turns. */
  async function inTurns<T>(work: (store: LibraryStore) => Generator<unknown, T>): Promise<T> {
    let steps: Generator<unknown, T> | null = null;
    for (;;) {
      const { done = false, value } = await inTurn((current) =>
        current.database.transaction(() => {
          steps ??= work(current);
          const until = performance.now() + turnMs;
          for (;;) {
            const step = steps.next();
            if (step.done === true || performance.now() >= until) return step;
          }
        }),
      );
      if (done) return value as T;
    }
  }

  function told(error: unknown): StudioError {
    return storageError(error, opened?.folder ?? '');
  }

  /** A change that can be taken back. */
  function change(work: (store: LibraryStore) => Outcome) {
    return inTurn((current) => {
      const outcome = work(current);
      return { changeId: history.remember(outcome), changes: [...outcome.changes] };
    });
  }

  return {
    open: async ({ folder, host, analysisVersion }) => {
      const { damagedDatabase, ...database } = openDatabase(folder, host, analysisVersion);
      opened = database;
      return { damagedDatabase };
    },
    async *heal() {
      try {
        await inTurn((current) =>
          current.database.transaction(() => {
            catchUpMarks(current);
            catchUpAlbums(current);
          }),
        );
        const paths = await inTurns(differingPaths);
        for (let at = 0; at < paths.length; at += filesAtOnce) {
          const piece = paths.slice(at, at + filesAtOnce);
          const { changes: _, ...looked } = await inTurn((current) => lookAtFiles(current, piece));
          yield { ...looked, damagedDatabase: null };
        }
      } catch (error) {
        if (!isDamagedDatabase(error)) throw told(error);
        const damagedDatabase = await inTurn(remakeDatabase).catch((failed: unknown) => {
          throw told(failed);
        });
        yield { adopted: 0, relinked: 0, changed: 0, unreadable: [], damagedDatabase };
      }
    },
    add: (image) => inTurn((current) => addImage(current, image)),
    take: ({ pictures }) => inTurn((current) => takePictures(current, pictures)),
    look: ({ paths }) => inTurn((current) => lookAtFiles(current, paths)),
    fillAlbum: ({ id, ids }) =>
      inTurn((current) => ({ changes: [...addToAlbum(current, id, ids).changes] })),
    mark: ({ ids, change: marks }) => change((current) => markImages(current, ids, marks)),
    trash: ({ ids }) => change((current) => trashImages(current, ids)),
    restore: ({ ids }) => change((current) => restoreImages(current, ids)),
    createAlbum: ({ ids, ...album }) =>
      inTurn((current) => {
        const { outcome, id } = createAlbum(current, { ...album, imageIds: ids });
        return { id, changeId: history.remember(outcome), changes: [...outcome.changes] };
      }),
    updateAlbum: ({ id, ...wish }) => change((current) => updateAlbum(current, id, wish)),
    removeAlbum: ({ id }) => change((current) => removeAlbum(current, id)),
    moveAlbum: ({ id, before }) => change((current) => moveAlbum(current, id, before)),
    addToAlbum: ({ id, ids }) => change((current) => addToAlbum(current, id, ids)),
    moveInAlbum: ({ id, ids, before }) =>
      change((current) => moveInAlbum(current, id, ids, before)),
    removeFromAlbum: ({ id, ids }) => change((current) => removeFromAlbum(current, id, ids)),
    renameTag: ({ from, to }) => change((current) => renameTag(current, from, to)),
    removeTag: ({ name }) => change((current) => removeTag(current, name)),
    revert: ({ changeId }) =>
      change((current) => {
        const reverted = history.find(changeId).undo(current);
        history.forget(changeId);
        return reverted;
      }),
    emptyTrash: () => inTurn((current) => ({ deleted: emptyTrash(current) })),
    analysed: ({ analyses }) =>
      inTurn(({ database, folder }) => {
        try {
          database.transaction(() => storeAnalyses(database, analyses));
        } catch (error) {
          throw storageError(error, folder);
        }
        return {};
      }),
    mend: ({ problems }) =>
      inTurn(async (current) => {
        const mended: Mended[] = [];
        for (const problem of problems) mended.push(await mend(current, problem));
        return { mended, ...countedImages(current) };
      }),
    takeOver: ({ marks, albums, files }) =>
      inTurn((current) => ({
        marks: takeOverMarks(current, marks),
        albums: takeOverAlbums(current, albums),
        unreadable: takeInFiles(current, files),
      })),
    keepColumns: ({ revision, columns }) =>
      inTurn(({ database, folder }) => {
        try {
          database.transaction(() => {
            database.run('INSERT OR REPLACE INTO packed_columns VALUES (1, ?, ?)', [
              revision,
              columns,
            ]);
            // They are in the columns now, and readers have seen them: the columns are theirs.
            database.run('DELETE FROM image_changes WHERE revision <= ?', [revision]);
          });
        } catch (error) {
          throw storageError(error, folder);
        }
        return {};
      }),
    async *rebuild(_input, { signal }) {
      const turn = Promise.withResolvers<void>();
      const current = await new Promise<LibraryStore>((resolve, reject) => {
        inTurn(async (free) => {
          resolve(free);
          await turn.promise;
        }).catch(reject);
      });
      const { database, folder } = current;
      let isCommitted = false;
      database.execute('BEGIN IMMEDIATE');
      try {
        database.execute('DELETE FROM images');
        for (const progress of adoptAll(current)) {
          // Lets the cancel frame in.
          await nextTurn();
          signal.throwIfAborted();
          yield progress;
        }
        catchUpAlbums(current);
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
    close: async () => {
      // A turn itself, behind which no other comes: heal goes on until it is refused one.
      tail = tail.then(() => {
        store?.marks[Symbol.dispose]();
        store?.albums[Symbol.dispose]();
        opened?.database[Symbol.dispose]();
        opened?.lock[Symbol.dispose]();
        store = null;
        opened = null;
      });
      await tail;
      return {};
    },
  };
}

/** @throws {StudioError} what opening the journals throws */
function withJournals({ folder, database }: OpenDatabase): LibraryStore {
  using undo = new DisposableStack();
  try {
    const marks = undo.use(openMarksJournal(folder));
    const albums = undo.use(openAlbumsJournal(folder));
    undo.move();
    return { folder, database, marks, albums, tagNames: createTagNames(marks), now: Date.now };
  } catch (error) {
    throw storageError(error, folder);
  }
}

function openDatabase(
  folder: string,
  host: string,
  analysisVersion: number,
): OpenDatabase & { readonly damagedDatabase: string | null } {
  const databasePath = path.join(folder, databaseFileName);
  refuseNewer(versionInFile(databasePath), folder);
  using undo = new DisposableStack();
  try {
    for (const name of [...pictureFolders, 'documents', 'models']) {
      mkdirSync(path.join(folder, name), { recursive: true });
    }
    const lock = undo.use(lockLibrary(folder, { pid: process.pid, host }));
    deleteDatabase(unfinishedPathOf(databasePath));
    let damagedDatabase: string | null = null;
    let database: WritableDatabase;
    try {
      database = openMigrated(databasePath, folder, analysisVersion);
    } catch (error) {
      if (!isDamagedDatabase(error)) throw error;
      damagedDatabase = putAside(databasePath);
      database = openMigrated(databasePath, folder, analysisVersion);
    }
    undo.use(database);
    undo.move();
    return { folder, database, lock, damagedDatabase };
  } catch (error) {
    throw storageError(error, folder);
  }
}

function openMigrated(
  databasePath: string,
  folder: string,
  analysisVersion: number,
): WritableDatabase {
  using undo = new DisposableStack();
  const database = undo.use(openWritable(databasePath));
  migrate(database, folder);
  forgetOldAnalyses(database, analysisVersion);
  undo.move();
  return database;
}

/** Where not even that can be counted, the files are. */
function countedImages({ database, folder }: LibraryStore): { images: number; trashed: number } {
  try {
    return { images: countImages(database, false), trashed: countImages(database, true) };
  } catch (error) {
    if (!isDamagedDatabase(error)) throw error;
    return countPictures(folder);
  }
}
