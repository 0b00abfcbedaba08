/** Rows of pictures without their files. */
import type { WritableDatabase } from '../database/connection.ts';
import { insertRow } from '../insert-image.ts';
import { recipeOf } from '../library.fixture.ts';

/** The content hash that `insertPicture` gives. */
export function hashOf(index: number): string {
  return index.toString(16).padStart(8, '0').repeat(8);
}

/** @param index of 1 or more; a larger one is newer. @param hash of the content */
export function insertPicture(
  database: WritableDatabase,
  index: number,
  tags: readonly string[] = [],
  hash = hashOf(index),
): void {
  const recipe = recipeOf({ prompt: `cat ${index}`, seed: index, createdAt: 1000 * index });
  insertRow(
    database,
    {
      contentHash: hash,
      path: `images/${index}.png`,
      restorePath: null,
      createdAt: 1000 * index,
      modifiedAt: null,
      width: 64 + index,
      height: 64,
      sizeBytes: 1,
      format: 'png',
      source: 'drawn',
      program: 'atelier',
      recipe: { ...recipe, jobId: null },
      parameters: null,
      understood: null,
      rawTexts: [],
      problems: [],
      importedFrom: null,
    },
    { hash, rating: index % 6, flag: null, label: null, tags: [...tags], note: '' },
  );
}
