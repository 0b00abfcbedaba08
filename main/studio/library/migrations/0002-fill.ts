/** Moves the pictures of the first version into the tables of the second. */
import { z } from 'zod';
import type { WritableDatabase } from '../database/connection.ts';
import { PicturePath } from '../image-rows.ts';
import { writeRow } from '../insert-image.ts';
import { parseRecipe } from '../metadata/picture-metadata.ts';

const RowOfVersion1 = z.object({
  seq: z.number().int(),
  id: z.string(),
  content_hash: z.string(),
  path: PicturePath,
  restore_path: PicturePath.nullable(),
  rating: z.number().int(),
  created_at: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  size_bytes: z.number().int(),
  recipe: z.string().nullable(),
  parameters: z.string().nullable(),
  job_id: z.string().nullable(),
  picture_index: z.number().int().nullable(),
});

/** Inside the migration's transaction. */
export function fillCatalogue(database: WritableDatabase): void {
  const rows = database.each(RowOfVersion1, 'SELECT * FROM images_of_version_1 ORDER BY seq');
  for (const row of rows) {
    const recipe = parseRecipe(row.recipe);
    const isTold = recipe !== null || row.parameters !== null;
    writeRow(
      database,
      {
        contentHash: row.content_hash,
        path: row.path,
        restorePath: row.restore_path,
        createdAt: row.created_at,
        modifiedAt: null,
        width: row.width,
        height: row.height,
        sizeBytes: row.size_bytes,
        format: 'png',
        source: recipe ? 'drawn' : 'imported',
        program: recipe ? 'atelier' : isTold ? 'web-ui' : null,
        recipe,
        parameters: row.parameters,
        understood: null,
        rawTexts: [],
        problems: [],
        importedFrom: null,
      },
      { hash: row.content_hash, rating: row.rating },
      {
        seq: row.seq,
        id: row.id,
        job:
          row.job_id === null || row.picture_index === null
            ? null
            : { id: row.job_id, pictureIndex: row.picture_index },
      },
    );
  }
  database.execute('DROP TABLE images_of_version_1');
}
