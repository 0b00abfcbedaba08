/** The thread that reads all of a library. It changes no row. */
import path from 'node:path';
import type { Handlers } from '../../../../contract/rpc.ts';
import { openReadable } from '../database/connection.ts';
import { databaseFileName } from '../database/database-file.ts';
import { backUp } from './back-up.ts';
import { backupInfo } from './backup-folder.ts';
import { bringBackup, bringLibrary } from './bring-in.ts';
import type { careThreadContract } from './care-thread-contract.ts';
import { checkLibrary } from './check-library.ts';

export function createCareThread(): Handlers<typeof careThreadContract> {
  const open = (folder: string) => openReadable(path.join(folder, databaseFileName));
  return {
    async *check({ folder }, { signal }) {
      using database = open(folder);
      yield* checkLibrary(folder, database, Date.now, signal);
    },
    backUp: ({ library, folder }, { signal }) => backUp(library, folder, Date.now, signal),
    backupInfo: async ({ folder }) => ({ backup: await backupInfo(folder) }),
    async *bringBackup({ library, folder }, { signal }) {
      using database = open(library);
      yield* bringBackup({ library, database, now: Date.now, signal }, folder);
    },
    async *bringLibrary({ library, folder, host }, { signal }) {
      using database = open(library);
      yield* bringLibrary({ library, database, now: Date.now, signal }, folder, host);
    },
  };
}
