/** The thread that reads all of a library. It changes no row. */
import path from 'node:path';
import type { Handlers } from '../../../../contract/rpc.ts';
import { openReadable } from '../database/connection.ts';
import { databaseFileName } from '../writer.ts';
import type { careThreadContract } from './care-thread-contract.ts';
import { checkLibrary } from './check-library.ts';

export function createCareThread(): Handlers<typeof careThreadContract> {
  return {
    async *check({ folder }, { signal }) {
      using database = openReadable(path.join(folder, databaseFileName));
      yield* checkLibrary(folder, database, Date.now, signal);
    },
  };
}
