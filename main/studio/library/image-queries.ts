/** Reading the library. Every query here uses an index; `image-queries.test.ts` holds that down. */
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import type { ImagePage, PageQuery } from '../../../contract/images.ts';
import type { ReadableDatabase } from './database/connection.ts';
import { PlaceRow, SummaryRow, placeColumns, summaryColumns, summaryOf } from './image-rows.ts';
import { readCursor, writeCursor } from './page-cursor.ts';
import { readSearch, type Search } from './search-text.ts';

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

const CountRow = z.object({ images: z.number().int() });

export const DetailRow = SummaryRow.extend({
  path: PlaceRow.shape.path,
  size_bytes: z.number().int(),
  recipe: z.string().nullable(),
  parameters: z.string().nullable(),
});
export type DetailRow = z.infer<typeof DetailRow>;

const FinishedRow = z.object({ picture_index: z.number().int(), id: z.string() });

/** Newest first. @throws {StudioError} `bad-request` for a cursor that is none */
export function pageOf(
  database: ReadableDatabase,
  query: PageQuery,
  cursor: string | null,
  limit: number,
): ImagePage {
  const search = readSearch(query.text);
  const before = cursor === null ? Number.MAX_SAFE_INTEGER : readCursor(cursor);
  const page = pageStatement(query, search, before, limit + 1);
  const rows = database.all(SummaryRow, page.sql, page.parameters);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const count = countStatement(query, search);
  return {
    items: rows.slice(0, limit).map(summaryOf),
    total: database.get(CountRow, count.sql, count.parameters)?.images ?? 0,
    cursor: last ? writeCursor(last.seq) : null,
  };
}

/** @param before only pictures with a smaller key */
export function pageStatement(
  query: PageQuery,
  search: Search,
  before: number,
  limit: number,
): Statement {
  if (search.match !== null && search.literals.length === 0) {
    return {
      // The index is walked backwards along its row ids, which are the gallery's order.
      sql: `SELECT ${summaryColumns} FROM images_fts JOIN images AS i ON i.seq = images_fts.rowid
        WHERE images_fts MATCH ? AND images_fts.rowid < ? ORDER BY images_fts.rowid DESC LIMIT ?`,
      parameters: [matchWithState(search.match, query), before, limit],
    };
  }
  const { sql, parameters } = rowConditions(query, search);
  // Without statistics SQLite cannot know that few pictures are rated.
  const index = query.minRating > 0 ? 'INDEXED BY images_rated' : '';
  return {
    sql: `SELECT ${summaryColumns} FROM images AS i ${index} WHERE ${sql} AND i.seq < ? ORDER BY i.seq DESC LIMIT ?`,
    parameters: [...parameters, before, limit],
  };
}

export function countStatement(query: PageQuery, search: Search): Statement {
  if (search.literals.length > 0) {
    const { sql, parameters } = rowConditions(query, search);
    return { sql: `SELECT count(*) AS images FROM images AS i WHERE ${sql}`, parameters };
  }
  if (search.match !== null) {
    return {
      sql: 'SELECT count(*) AS images FROM images_fts WHERE images_fts MATCH ?',
      parameters: [matchWithState(search.match, query)],
    };
  }
  return {
    sql: 'SELECT coalesce(sum(images), 0) AS images FROM image_counts WHERE trashed = ? AND rating >= ?',
    parameters: [Number(query.trashed), query.minRating],
  };
}

function matchWithState(match: string, { trashed, minRating }: PageQuery): string {
  const rated = minRating > 0 ? ` AND state : r${minRating}` : '';
  return `${match} AND state : ${trashed ? 'trash' : 'live'}${rated}`;
}

function rowConditions(query: PageQuery, search: Search): Statement {
  const conditions = ['i.trashed = ?'];
  const parameters: (string | number)[] = [Number(query.trashed)];
  if (query.minRating > 0) {
    // The first condition is what lets SQLite use the index, which holds the rated ones only.
    conditions.push('i.rating > 0 AND i.rating >= ?');
    parameters.push(query.minRating);
  }
  if (search.match !== null) {
    conditions.push('i.seq IN (SELECT rowid FROM images_fts WHERE images_fts MATCH ?)');
    parameters.push(search.match);
  }
  for (const literal of search.literals) {
    conditions.push(
      `instr(lower(i.prompt || char(10) || i.negative_prompt || char(10) || i.model), ?) > 0`,
    );
    parameters.push(literal);
  }
  return { sql: conditions.join(' AND '), parameters };
}

/** @throws {StudioError} `not-found` */
export function detailRowOf(database: ReadableDatabase, id: string): DetailRow {
  const sql = `SELECT ${summaryColumns}, i.path, i.size_bytes, i.recipe, i.parameters FROM images AS i WHERE i.id = ?`;
  const row = database.get(DetailRow, sql, [id]);
  if (!row) throw notFound(id);
  return row;
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
  const sql = 'SELECT coalesce(sum(images), 0) AS images FROM image_counts WHERE trashed = ?';
  return database.get(CountRow, sql, [Number(trashed)])?.images ?? 0;
}

function notFound(id: string): StudioError {
  return new StudioError(
    'not-found',
    'This picture is not in the library any more. Reload the gallery.',
    { id },
  );
}
