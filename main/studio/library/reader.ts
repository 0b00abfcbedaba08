/** The thread that answers questions while the other one writes. It cannot change anything. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { storageError } from '../storage-error.ts';
import { checkLibrary } from './check-library.ts';
import { openReadable, type ReadableDatabase } from './database/connection.ts';
import { detailRowOf, finishedPictures, pageOf, placeRowOf } from './image-queries.ts';
import { promptHistory } from './prompt-history.ts';
import { summaryOf, systemPath } from './image-rows.ts';
import { parseRecipe } from './metadata/picture-metadata.ts';
import type { readerContract } from './worker-contract.ts';
import { databaseFileName } from './writer.ts';

export function createReader(): Handlers<typeof readerContract> {
  let opened: { readonly folder: string; readonly database: ReadableDatabase } | null = null;

  function library(): { readonly folder: string; readonly database: ReadableDatabase } {
    if (!opened) throw new StudioError('disconnected', 'The library is closed. Restart Atelier.');
    return opened;
  }

  return {
    open: async ({ folder }) => {
      try {
        opened = { folder, database: openReadable(path.join(folder, databaseFileName)) };
      } catch (error) {
        throw storageError(error, folder);
      }
      return {};
    },
    page: async ({ query, cursor, limit }) => pageOf(library().database, query, cursor, limit),
    get: async ({ id }) => {
      const { folder, database } = library();
      const row = detailRowOf(database, id);
      const filePath = systemPath(folder, row.path);
      return {
        ...summaryOf(row),
        fileName: path.basename(filePath),
        path: filePath,
        sizeBytes: row.size_bytes,
        recipe: parseRecipe(row.recipe),
        parameters: row.parameters,
        missing: !isFile(filePath),
        tags: [],
        note: '',
        albums: [],
        program: null,
        understood: null,
        rawTexts: [],
        importedFrom: null,
        colours: [],
        problems: [],
      };
    },
    finished: async ({ jobId }) => ({ pictures: finishedPictures(library().database, jobId) }),
    prompts: async ({ text, limit }) => ({
      prompts: promptHistory(library().database, text, limit),
    }),
    place: async ({ id }) => {
      const { folder, database } = library();
      const row = placeRowOf(database, id);
      const filePath = systemPath(folder, row.path);
      if (!isFile(filePath)) {
        throw new StudioError(
          'not-found',
          `The file "${row.path}" was moved or deleted outside Atelier. Restart Atelier to find it again.`,
          { id, path: row.path },
        );
      }
      return { path: filePath, contentHash: row.content_hash };
    },
    check: async (_input, { signal }) => {
      const { folder, database } = library();
      return checkLibrary(folder, database, signal);
    },
    close: async () => {
      opened?.database[Symbol.dispose]();
      opened = null;
      return {};
    },
  };
}

/** A symbolic link is not a picture: it could lead anywhere. */
function isFile(filePath: string): boolean {
  return lstatSync(filePath, { throwIfNoEntry: false })?.isFile() ?? false;
}
