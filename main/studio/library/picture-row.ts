/** The row of a picture file that no job of this library made just now. */
import type { NewRow } from './insert-image.ts';
import type { Mark } from './marks-journal.ts';
import type { PictureFile } from './read-picture-file.ts';

/** The last moment whose keys fit into an integer that JavaScript can hold. */
const latestCreatedAt = Math.floor(Number.MAX_SAFE_INTEGER / 1000) - 1;

/**
 * @param mark what is known of the content
 * @returns a date that keys can be made of
 */
export function createdAtOf(
  picture: PictureFile,
  modifiedAt: number,
  mark: Mark | undefined,
): number {
  const recipe = picture.recipe ?? mark?.recipe ?? null;
  const createdAt = recipe?.createdAt ?? picture.createdAt ?? modifiedAt;
  // Key 0 is no picture's.
  return Math.min(Math.max(createdAt, 1), latestCreatedAt);
}

/** @param mark what is known of the content */
export function rowOf(
  picture: PictureFile,
  file: Pick<NewRow, 'path' | 'contentHash' | 'sizeBytes'> & { readonly modifiedAt: number },
  mark: Mark | undefined,
): NewRow {
  const recipe = picture.recipe ?? mark?.recipe ?? null;
  return {
    ...picture,
    ...file,
    restorePath: file.path.startsWith('trash/') ? (mark?.restorePath ?? null) : null,
    createdAt: createdAtOf(picture, file.modifiedAt, mark),
    source: recipe && mark?.importedFrom === undefined ? 'drawn' : 'imported',
    program: recipe ? 'atelier' : picture.program,
    recipe,
    rawTexts: recipe ? [] : picture.rawTexts,
    importedFrom: mark?.importedFrom ?? null,
  };
}
