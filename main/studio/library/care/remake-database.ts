/**
 * Makes a damaged database anew from the picture files and the journals, while the library is open.
 *
 * Promises: a copy of the damaged one is kept; readers see all of the old one until they see all of the new one; where
 * this fails, the old one is as it was.
 */
import path from 'node:path';
import { z } from 'zod';
import { ContentHash } from '../../../../contract/ids.ts';
import { isDamagedDatabase } from '../../storage-error.ts';
import { catchUpAlbums } from '../album-rows.ts';
import {
  openWritable,
  type ReadableDatabase,
  type WritableDatabase,
} from '../database/connection.ts';
import {
  copyAside,
  databaseFileName,
  deleteDatabase,
  unfinishedPathOf,
} from '../database/database-file.ts';
import type { LibraryStore } from '../image-changes.ts';
import { noteJournal } from '../marks.ts';
import { migrate } from '../migrations/index.ts';
import { adoptAll } from '../reconcile.ts';
import { integrityOf } from './check-database.ts';

const AnalysisRow = z.object({
  content_hash: ContentHash,
  analysis: z.instanceof(Uint8Array).nullable(),
});
const VersionRow = z.object({ analysis_version: z.number().int() });

/** @returns path of the copy @throws the file system's and SQLite's errors */
export async function remakeDatabase(store: LibraryStore): Promise<string> {
  const { folder, database, now } = store;
  const databasePath = path.join(folder, databaseFileName);
  const aside = copyAside(databasePath);
  const freshPath = unfinishedPathOf(databasePath);
  deleteDatabase(freshPath);
  try {
    using fresh = openWritable(freshPath);
    migrate(fresh, folder);
    const made = { ...store, database: fresh };
    fresh.transaction(() => {
      keepAnalyses(database, fresh);
      // Readers that hold columns of the old one must not take them for these.
      fresh.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('image_changes', ?)", [now()]);
      for (const _step of adoptAll(made));
      catchUpAlbums(made);
      noteJournal(made);
    });
    await fresh.replace(databasePath);
    return aside;
  } finally {
    deleteDatabase(freshPath);
  }
}

/** What was seen in pictures is no loss, but takes hours to see again. */
function keepAnalyses(from: ReadableDatabase, to: WritableDatabase): void {
  try {
    if (['image_analyses', 'library_state'].some((table) => integrityOf(from, table).length > 0))
      return;
    const { analysis_version: version = 0 } =
      from.get(VersionRow, 'SELECT analysis_version FROM library_state') ?? {};
    const rows = from.each(AnalysisRow, 'SELECT content_hash, analysis FROM image_analyses');
    for (const row of rows)
      to.run('INSERT INTO image_analyses (content_hash, analysis) VALUES (?, ?)', [
        row.content_hash,
        row.analysis,
      ]);
    to.run('UPDATE library_state SET analysis_version = ?', [version]);
  } catch (error) {
    if (!isDamagedDatabase(error) && !(error instanceof z.ZodError)) throw error;
    to.run('DELETE FROM image_analyses');
  }
}
