/** Rows of pictures, from whatever was understood of a file of any format. */
import path from 'node:path';
import { z } from 'zod';
import type { RawText, Recipe, Understood } from '../../../contract/images.ts';
import type { PictureFormat, PictureSource, ProgramName } from '../../../contract/picture-facts.ts';
import type { ReadableDatabase, WritableDatabase } from './database/connection.ts';
import { imageIdOf, listOf } from './image-rows.ts';
import type { Mark } from './marks-journal.ts';
import { factsOf, originsOf } from './picture-facts.ts';
import { insertPictureWords, replaceMarkWords } from './search-index.ts';
import { colourRow } from './stored-analyses.ts';

/** A picture whose file is on disk. */
export interface NewRow {
  readonly contentHash: string;
  /** Relative to the library folder, see `PicturePath`. */
  readonly path: string;
  readonly restorePath: string | null;
  readonly createdAt: number;
  /** When the file was changed, whole milliseconds; null where that is not known. */
  readonly modifiedAt: number | null;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  readonly format: PictureFormat;
  readonly source: PictureSource;
  /** Null where its metadata names none. */
  readonly program: ProgramName | null;
  readonly recipe: Recipe | null;
  /** The web UI's text, as it stands in the file. */
  readonly parameters: string | null;
  /** Null where nothing was, and for pictures with a recipe, which says it better. */
  readonly understood: Understood | null;
  /** Of pictures without a recipe: what ours say otherwise is in `parameters`. */
  readonly rawTexts: readonly RawText[];
  /** In sentences. */
  readonly problems: readonly string[];
  readonly importedFrom: string | null;
}

/** Keys of one millisecond; see the second migration. */
const keysPerMillisecond = 1000;
const KeyRow = z.object({ seq: z.number().int().nullable() });
const IdRow = z.object({ id: z.string() });

/**
 * Inserts a row with the marks that are known of its content. Inside the caller's transaction.
 * @param mark see `MarksJournal.find`
 * @returns its key
 */
export function insertRow(database: WritableDatabase, row: NewRow, mark: Mark | undefined): number {
  const seq = freeKey(database, row.createdAt);
  const id = freeId(database, row.contentHash);
  // A copy of a file made by hand carries the recipe of the first, but is not that job's picture.
  const { jobId = null, pictureIndex = null } = row.recipe ?? {};
  const isOfJob =
    jobId !== null && pictureIndex !== null && !hasPicture(database, jobId, pictureIndex);
  writeRow(database, row, mark, {
    seq,
    id,
    job: isOfJob ? { id: jobId, pictureIndex } : null,
  });
  colourRow(database, seq, row.contentHash);
  return seq;
}

/** The same with key, id and job as they are. */
export function writeRow(
  database: WritableDatabase,
  row: NewRow,
  mark: Mark | undefined,
  {
    seq,
    id,
    job,
  }: {
    readonly seq: number;
    readonly id: string;
    readonly job: { readonly id: string; readonly pictureIndex: number } | null;
  },
): void {
  const facts = factsOf(row.recipe, row.understood, row.parameters);
  const { rating = 0, flag = null, label = null, tags = [], note = '' } = mark ?? {};
  database.run(
    `INSERT INTO images (seq, id, content_hash, path, restore_path, trashed, rating, flag, label, tags, has_note, is_seen,
       created_at, width, height, size_bytes, modified_at, format, source, program, is_sheet, has_recipe,
       model, sampler, schedule, loras, seed, steps, cfg, name_key, imported_from, job_id, picture_index)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, EXISTS (SELECT 1 FROM image_analyses WHERE content_hash = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      seq,
      id,
      row.contentHash,
      row.path,
      row.restorePath,
      Number(row.path.startsWith('trash/')),
      rating,
      flag ?? '',
      label ?? '',
      tags.join('\n'),
      Number(note !== ''),
      row.contentHash,
      row.createdAt,
      row.width,
      row.height,
      row.sizeBytes,
      row.modifiedAt,
      row.format,
      row.source,
      row.program ?? '',
      Number((row.recipe?.sheet ?? null) !== null),
      Number(row.recipe !== null || row.understood !== null || row.parameters !== null),
      facts.model,
      facts.sampler,
      facts.schedule,
      facts.loras.join('\n'),
      facts.seed,
      facts.steps,
      facts.guidanceScale,
      nameKey(row.path),
      row.importedFrom ?? mark?.importedFrom ?? null,
      job?.id ?? null,
      job?.pictureIndex ?? null,
    ],
  );
  database.run(
    `INSERT INTO image_texts (seq, prompt, negative_prompt, note, recipe, parameters, understood, raw_texts, problems)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      seq,
      facts.prompt,
      facts.negativePrompt,
      note,
      row.recipe === null ? null : JSON.stringify(row.recipe),
      row.parameters,
      row.understood === null ? null : JSON.stringify(row.understood),
      JSON.stringify(row.rawTexts),
      JSON.stringify(row.problems),
    ],
  );
  for (const { origin, through } of originsOf(row.recipe)) {
    database.run('INSERT OR IGNORE INTO image_origins (seq, origin, through) VALUES (?, ?, ?)', [
      seq,
      origin,
      through,
    ]);
  }
  insertPictureWords(database, seq, { ...facts, path: row.path });
  if (note !== '' || tags.length > 0) replaceMarkWords(database, seq, { note, tags });
}

const NamedRow = z.object({
  path: z.string(),
  prompt: z.string(),
  negative_prompt: z.string(),
  model: z.string(),
  loras: z.string(),
});

/** Notes where a picture lies by now. Inside the caller's transaction. */
export function moveRow(
  database: WritableDatabase,
  seq: number,
  to: string,
  restorePath: string | null,
): void {
  const row = database.get(
    NamedRow,
    `SELECT i.path, t.prompt, t.negative_prompt, i.model, i.loras
     FROM images AS i JOIN image_texts AS t ON t.seq = i.seq WHERE i.seq = ?`,
    [seq],
  );
  database.run(
    'UPDATE images SET path = ?, restore_path = ?, trashed = ?, missing = 0, name_key = ? WHERE seq = ?',
    [to, restorePath, Number(to.startsWith('trash/')), nameKey(to), seq],
  );
  if (!row || path.posix.basename(row.path) === path.posix.basename(to)) return;
  database.run('DELETE FROM picture_words WHERE rowid = ?', [seq]);
  insertPictureWords(database, seq, {
    prompt: row.prompt,
    negativePrompt: row.negative_prompt,
    model: row.model,
    loras: listOf(row.loras),
    path: to,
  });
}

/**
 * A file's name so that plain comparison orders names as people do: figures by their value, and
 * whatever the case.
 * @param picturePath see `PicturePath`
 */
export function nameKey(picturePath: string): string {
  return path.posix
    .basename(picturePath)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/\d+/g, (figures) => figures.padStart(16, '0'));
}

function freeKey(database: ReadableDatabase, createdAt: number): number {
  const first = createdAt * keysPerMillisecond;
  // Beyond a thousand pictures of one millisecond the next free keys are taken: order, not truth.
  const found = database.get(
    KeyRow,
    'SELECT max(seq) AS seq FROM images WHERE seq BETWEEN ? AND ?',
    [first, first + keysPerMillisecond - 1],
  );
  let seq = found?.seq == null ? first : found.seq + 1;
  while (database.get(KeyRow, 'SELECT seq FROM images WHERE seq = ?', [seq])) seq += 1;
  return seq;
}

function freeId(database: ReadableDatabase, contentHash: string): string {
  for (let copy = 0; ; copy += 1) {
    const id = imageIdOf(contentHash, copy);
    if (!database.get(IdRow, 'SELECT id FROM images WHERE id = ?', [id])) return id;
  }
}

function hasPicture(database: ReadableDatabase, jobId: string, pictureIndex: number): boolean {
  const sql = 'SELECT id FROM images WHERE job_id = ? AND picture_index = ?';
  return database.get(IdRow, sql, [jobId, pictureIndex]) !== undefined;
}
