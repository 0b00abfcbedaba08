/**
 * Changing the library: pictures in, ratings.
 *
 * Promises: a row exists only once its file is durable; no file is ever overwritten; what a picture
 * file itself does not say is in the marks journal before the database knows it, so that the
 * database can always be made anew. Blocking: for the library's own thread.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import type { ImageSummary, Recipe } from '../../../contract/images.ts';
import { storageError } from '../storage-error.ts';
import type { ReadableDatabase, WritableDatabase } from './database/connection.ts';
import { placeRowOf } from './image-queries.ts';
import { SummaryRow, imageIdOf, summaryColumns, summaryOf, systemPath } from './image-rows.ts';
import type { MarksJournal } from './marks-journal.ts';
import { embedRecipe, parametersOf, searchTextOf } from './metadata/picture-metadata.ts';
import { pictureFileName, storePicture } from './picture-files.ts';

/** What the writing thread works with. */
export interface LibraryStore {
  readonly folder: string;
  readonly database: WritableDatabase;
  readonly marks: MarksJournal;
}

export interface NewRow {
  readonly contentHash: string;
  readonly path: string;
  readonly restorePath: string | null;
  readonly rating: number;
  readonly createdAt: number;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  readonly recipe: Recipe | null;
  readonly parameters: string | null;
}

/** Keys of one millisecond; see the first migration. */
const keysPerMillisecond = 1000;
const KeyRow = z.object({ seq: z.number().int().nullable() });
const IdRow = z.object({ id: z.string() });

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
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
      const sizeBytes = bytes.length;
      const row = {
        contentHash,
        path,
        restorePath: null,
        rating: 0,
        createdAt,
        width,
        height,
        sizeBytes,
        recipe,
        parameters,
      };
      const seq = database.transaction(() => insertRow(database, row));
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
  const sql = `SELECT ${summaryColumns} FROM images AS i WHERE i.job_id = ? AND i.picture_index = ?`;
  const row = database.get(SummaryRow, sql, [jobId, pictureIndex]);
  return row ? summaryOf(row) : null;
}

function summaryAt(database: ReadableDatabase, seq: number): ImageSummary {
  const row = database.get(
    SummaryRow,
    `SELECT ${summaryColumns} FROM images AS i WHERE i.seq = ?`,
    [seq],
  );
  if (!row)
    throw new StudioError(
      'internal',
      'A picture was stored and could not be read back. Check the library.',
    );
  return summaryOf(row);
}

/** Inserts a row for a file that is on disk. Inside the caller's transaction. @returns its key */
export function insertRow(database: WritableDatabase, row: NewRow): number {
  const first = row.createdAt * keysPerMillisecond;
  // Beyond a thousand pictures of one millisecond the next free keys are taken: order, not truth.
  const found = database.get(
    KeyRow,
    'SELECT max(seq) AS seq FROM images WHERE seq BETWEEN ? AND ?',
    [first, first + keysPerMillisecond - 1],
  );
  let seq = found?.seq == null ? first : found.seq + 1;
  while (database.get(KeyRow, 'SELECT seq FROM images WHERE seq = ?', [seq])) seq += 1;
  let copy = 0;
  while (
    database.get(IdRow, 'SELECT id FROM images WHERE id = ?', [imageIdOf(row.contentHash, copy)])
  )
    copy += 1;
  const search = searchTextOf(row);
  // A copy of a file made by hand carries the recipe of the first, but is not that job's picture.
  const ofJob = row.recipe !== null && findByJob(database, row.recipe) === null ? row.recipe : null;
  database.run(
    `INSERT INTO images (seq, id, content_hash, path, restore_path, trashed, rating, created_at, width, height,
      size_bytes, prompt, negative_prompt, model, recipe, parameters, job_id, picture_index)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      seq,
      imageIdOf(row.contentHash, copy),
      row.contentHash,
      row.path,
      row.restorePath,
      Number(row.path.startsWith('trash/')),
      row.rating,
      row.createdAt,
      row.width,
      row.height,
      row.sizeBytes,
      search.prompt,
      search.negativePrompt,
      search.model,
      row.recipe === null ? null : JSON.stringify(row.recipe),
      row.parameters,
      ofJob?.jobId ?? null,
      ofJob?.pictureIndex ?? null,
    ],
  );
  return seq;
}

/**
 * Rates contents: copies of a file share their rating.
 * @returns the ids of all pictures that changed
 * @throws {StudioError} `not-found` before anything changes
 */
export function rateImages(
  { folder, database, marks }: LibraryStore,
  ids: readonly string[],
  rating: number,
): string[] {
  const hashes = [...new Set(ids.map((id) => placeRowOf(database, id).content_hash))];
  try {
    marks.append(hashes.map((hash) => ({ hash, rating })));
    return database
      .transaction(() =>
        hashes.flatMap((hash) =>
          database.all(IdRow, 'UPDATE images SET rating = ? WHERE content_hash = ? RETURNING id', [
            rating,
            hash,
          ]),
        ),
      )
      .map(({ id }) => id);
  } catch (error) {
    throw storageError(error, folder);
  }
}
