/** Looking up single pictures and jobs. */
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import {
  RawText,
  Understood,
  type ImageDetail,
  type ImageSummary,
} from '../../../contract/images.ts';
import { ProgramName } from '../../../contract/picture-facts.ts';
import type { ReadableDatabase } from './database/connection.ts';
import {
  PlaceRow,
  SummaryRow,
  listOf,
  placeColumns,
  summaryColumns,
  summaryOf,
  summaryTables,
} from './image-rows.ts';
import { parseRecipe } from './metadata/picture-metadata.ts';

const CountRow = z.object({ images: z.number().int() });
const FinishedRow = z.object({ picture_index: z.number().int(), id: z.string() });
const AlbumRow = z.object({ id: z.string(), name: z.string() });

const DetailRow = SummaryRow.extend({
  path: PlaceRow.shape.path,
  size_bytes: z.number().int(),
  program: z.literal('').or(ProgramName),
  imported_from: z.string().nullable(),
  note: z.string(),
  recipe: z.string().nullable(),
  parameters: z.string().nullable(),
  understood: z.string().nullable(),
  raw_texts: z.string(),
  problems: z.string(),
});

/** Those that are there, in the order asked for. */
export function summariesOf(database: ReadableDatabase, ids: readonly string[]): ImageSummary[] {
  const sql = `SELECT ${summaryColumns} FROM json_each(?) AS wanted
    JOIN images AS i ON i.id = wanted.value JOIN image_texts AS t ON t.seq = i.seq ORDER BY wanted.key`;
  return database.all(SummaryRow, sql, [JSON.stringify(ids)]).map(summaryOf);
}

/** What the tables know; the files and the colours are looked at by the caller. */
export type StoredDetail = Omit<ImageDetail, 'path' | 'fileName' | 'missing' | 'colours'> & {
  /** Relative to the library folder. */
  readonly picturePath: string;
};

/** @throws {StudioError} `not-found` */
export function detailOf(database: ReadableDatabase, id: string): StoredDetail {
  const sql = `SELECT ${summaryColumns}, i.path, i.size_bytes, i.program, i.imported_from, t.note, t.recipe,
    t.parameters, t.understood, t.raw_texts, t.problems FROM ${summaryTables} WHERE i.id = ?`;
  const row = database.get(DetailRow, sql, [id]);
  if (!row) throw notFound(id);
  const albums = database.all(
    AlbumRow,
    `SELECT a.id, a.name FROM album_images AS m JOIN albums AS a ON a.id = m.album_id
     WHERE m.content_hash = ? ORDER BY a.name`,
    [row.content_hash],
  );
  return {
    ...summaryOf(row),
    picturePath: row.path,
    sizeBytes: row.size_bytes,
    recipe: parseRecipe(row.recipe),
    parameters: row.parameters,
    tags: [...listOf(row.tags)],
    note: row.note,
    albums,
    program: row.program === '' ? null : row.program,
    understood: parseColumn(Understood, row.understood),
    rawTexts: rawTextsOf(row.raw_texts, row.parameters),
    importedFrom: row.imported_from,
    problems: parseColumn(z.array(z.string()), row.problems) ?? [],
  };
}

/** Of ours the web UI's text stands for all. */
function rawTextsOf(json: string, parameters: string | null): RawText[] {
  const stored = parseColumn(z.array(RawText), json) ?? [];
  return stored.length === 0 && parameters !== null
    ? [{ where: 'png:parameters', text: parameters }]
    : stored;
}

/** Null where the row was damaged. */
function parseColumn<T>(schema: z.ZodType<T>, json: string | null): T | null {
  if (json === null) return null;
  try {
    return schema.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}

/** @throws {StudioError} `not-found` */
export function placeRowOf(database: ReadableDatabase, id: string): PlaceRow {
  const row = database.get(PlaceRow, `SELECT ${placeColumns} FROM images WHERE id = ?`, [id]);
  if (!row) throw notFound(id);
  return row;
}

export function finishedPictures(
  database: ReadableDatabase,
  jobId: string,
): { index: number; imageId: string }[] {
  const sql =
    'SELECT picture_index, id FROM images WHERE job_id = ? AND picture_index IS NOT NULL ORDER BY picture_index';
  return database
    .all(FinishedRow, sql, [jobId])
    .map((row) => ({ index: row.picture_index, imageId: row.id }));
}

/** @returns how many pictures there are, in the trash or not */
export function countImages(database: ReadableDatabase, trashed: boolean): number {
  const sql = 'SELECT count(*) AS images FROM images WHERE trashed = ?';
  return database.get(CountRow, sql, [Number(trashed)])?.images ?? 0;
}

export function notFound(id: string): StudioError {
  return new StudioError(
    'not-found',
    'This picture is not in the library any more. Reload the gallery.',
    { id },
  );
}
