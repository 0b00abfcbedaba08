/**
 * The colour that most of a picture has: red, green, blue and 255, as the bytes of a little-endian
 * number; 0 until it was looked at. With the other columns, since reading what was seen of 100,000
 * pictures takes seconds.
 */
import { z } from 'zod';
import type { WritableDatabase } from '../database/connection.ts';
import { tileColourOf } from '../stored-analyses.ts';

export const pictureColours = `
ALTER TABLE images ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;

DROP TRIGGER changed_by_update;
CREATE TRIGGER changed_by_update AFTER UPDATE OF seq, id, trashed, missing, rating, flag, label, tags,
  has_note, created_at, width, height, format, source, program, is_sheet, has_recipe, model, sampler, schedule,
  loras, seed, steps, cfg, name_key, colour ON images BEGIN
  INSERT INTO image_changes (seq) VALUES (new.seq);
END;
`;

const AnalysisRow = z.object({
  content_hash: z.string(),
  analysis: z.instanceof(Uint8Array).nullable(),
});

/** Inside the migration's transaction. */
export function fillColours(database: WritableDatabase): void {
  const rows = database.each(AnalysisRow, 'SELECT content_hash, analysis FROM image_analyses');
  for (const { content_hash: hash, analysis } of rows) {
    database.run('UPDATE images SET colour = ? WHERE content_hash = ?', [
      tileColourOf(analysis),
      hash,
    ]);
  }
}
