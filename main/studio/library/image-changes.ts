/**
 * Storing pictures.
 *
 * Promises: a row exists only once its file is durable; no file is ever overwritten; what a picture
 * file itself does not say is in the marks journal before the database knows it, so that the
 * database can always be made anew. Blocking: for the library's own thread.
 */
import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageSummary, Recipe } from '../../../contract/images.ts';
import { storageError } from '../storage-error.ts';
import type { AlbumsJournal } from './albums-journal.ts';
import type { ReadableDatabase, WritableDatabase } from './database/connection.ts';
import { SummaryRow, summaryColumns, summaryOf, summaryTables, systemPath } from './image-rows.ts';
import { insertRow } from './insert-image.ts';
import type { MarksJournal } from './marks-journal.ts';
import { embedRecipe, parametersOf } from './metadata/picture-metadata.ts';
import { pictureFileName, storePicture } from './picture-files.ts';
import type { TagNames } from './tag-names.ts';

/** What the writing thread works with. */
export interface LibraryStore {
  readonly folder: string;
  readonly database: WritableDatabase;
  readonly marks: MarksJournal;
  readonly albums: AlbumsJournal;
  readonly tagNames: TagNames;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** When a file was changed, whole milliseconds. */
export function modifiedAtOf(filePath: string): number {
  return Math.floor(statSync(filePath).mtimeMs);
}

/**
 * Stores an encoded picture with its recipe; the same job and index again returns the first picture.
 * @throws {StudioError} `disk-full`, `library-read-only`; no file and no row is left then
 */
export function addImage(
  { folder, database, marks }: LibraryStore,
  image: { png: Uint8Array; width: number; height: number; recipe: Recipe; embedRecipe: boolean },
): { summary: ImageSummary; added: boolean } {
  const { recipe, width, height } = image;
  const existing = findByJob(database, recipe);
  if (existing) return { summary: existing, added: false };
  const bytes = embedRecipe(image.png, recipe, image.embedRecipe);
  const contentHash = hashOf(bytes);
  const { createdAt } = recipe;
  try {
    if (!image.embedRecipe) marks.append([{ hash: contentHash, recipe }]);
    const path = storePicture(
      folder,
      pictureFileName(createdAt, recipe.resolvedPrompt, recipe.settings.seed),
      createdAt,
      bytes,
    );
    try {
      const parameters = image.embedRecipe ? parametersOf(recipe) : null;
      const row = {
        contentHash,
        path,
        restorePath: null,
        createdAt,
        modifiedAt: modifiedAtOf(systemPath(folder, path)),
        width,
        height,
        sizeBytes: bytes.length,
        format: 'png',
        source: 'drawn',
        program: 'atelier',
        recipe,
        parameters,
        understood: null,
        rawTexts: [],
        problems: [],
        importedFrom: null,
      } as const;
      const seq = database.transaction(() => insertRow(database, row, marks.find(contentHash)));
      return { summary: summaryAt(database, seq), added: true };
    } catch (error) {
      rmSync(systemPath(folder, path), { force: true });
      throw error;
    }
  } catch (error) {
    throw storageError(error, folder);
  }
}

function findByJob(
  database: ReadableDatabase,
  { jobId, pictureIndex }: Recipe,
): ImageSummary | null {
  if (jobId === null || pictureIndex === null) return null;
  const sql = `SELECT ${summaryColumns} FROM ${summaryTables} WHERE i.job_id = ? AND i.picture_index = ?`;
  const row = database.get(SummaryRow, sql, [jobId, pictureIndex]);
  return row ? summaryOf(row) : null;
}

function summaryAt(database: ReadableDatabase, seq: number): ImageSummary {
  const sql = `SELECT ${summaryColumns} FROM ${summaryTables} WHERE i.seq = ?`;
  const row = database.get(SummaryRow, sql, [seq]);
  if (row) return summaryOf(row);
  throw new StudioError(
    'internal',
    'A picture was stored and could not be read back. Check the library.',
  );
}
