/** What was seen in pictures, in the database; `analysis/` says what that is. */
import { z } from 'zod';
import { parseAnalysis } from './analysis/analyse-picture.ts';
import { rgbOf } from './analysis/oklab.ts';
import type { WritableDatabase } from './database/connection.ts';
import type { StoredAnalysis } from './thumbnails/picture-work.ts';

const AnalysisRow = z.object({ analysis: z.instanceof(Uint8Array).nullable() });
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
    database.run('UPDATE images SET is_seen = 1, colour = ? WHERE content_hash = ?', [
      tileColourOf(analysis),
      contentHash,
    ]);
  }
  // Key 0 is no picture's: it tells readers that something beside the rows changed.
  database.run('INSERT INTO image_changes (seq) VALUES (0)');
}

/** Gives a new row the colour that was seen in its content earlier. Inside the caller's transaction. */
export function colourRow(database: WritableDatabase, seq: number, contentHash: string): void {
  const sql = 'SELECT analysis FROM image_analyses WHERE content_hash = ?';
  const known = database.get(AnalysisRow, sql, [contentHash]);
  if (known)
    database.run('UPDATE images SET colour = ? WHERE seq = ?', [tileColourOf(known.analysis), seq]);
}

/** @returns the largest colour as the column `colour` has it; 0 where none is known */
export function tileColourOf(analysis: Uint8Array | null): number {
  const largest = analysis && parseAnalysis(analysis)?.colours[0];
  if (!largest) return 0;
  const [red, green, blue] = rgbOf(largest);
  return red + green * 2 ** 8 + blue * 2 ** 16 + 255 * 2 ** 24;
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
