/** What was seen in pictures, in the database; `analysis/` says what that is. */
import { z } from 'zod';
import type { WritableDatabase } from './database/connection.ts';
import type { StoredAnalysis } from './thumbnails/picture-work.ts';

const VersionRow = z.object({ analysis_version: z.number().int() });

/** Inside the caller's transaction. */
export function storeAnalyses(
  database: WritableDatabase,
  analyses: readonly StoredAnalysis[],
): void {
  for (const { contentHash, analysis } of analyses) {
    database.run('INSERT OR REPLACE INTO image_analyses (content_hash, analysis) VALUES (?, ?)', [
      contentHash,
      analysis,
    ]);
    database.run('UPDATE images SET is_seen = 1 WHERE content_hash = ?', [contentHash]);
  }
  // Key 0 is no picture's: it tells readers that something beside the rows changed.
  database.run('INSERT INTO image_changes (seq) VALUES (0)');
}

/** Those of another version are made anew. */
export function forgetOldAnalyses(database: WritableDatabase, version: number): void {
  const sql = 'SELECT analysis_version FROM library_state';
  if (database.get(VersionRow, sql)?.analysis_version === version) return;
  database.transaction(() => {
    database.run('DELETE FROM image_analyses');
    database.run('UPDATE images SET is_seen = 0 WHERE is_seen = 1');
    database.run('UPDATE library_state SET analysis_version = ?', [version]);
  });
}
