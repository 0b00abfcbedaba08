/** Rows of pictures as a check reads them: whatever they hold, and whether that is sound. */
import { z } from 'zod';
import { ContentHash, ImageId, Timestamp } from '../../../../contract/ids.ts';
import { RawText, Recipe, Understood } from '../../../../contract/images.ts';
import { ProgramName } from '../../../../contract/picture-facts.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { PicturePath, SummaryRow } from '../image-rows.ts';

/** As the columns are typed, and no more. */
const StoredRow = z.looseObject({
  seq: z.number().int(),
  path: z.string(),
  content_hash: z.string(),
});
export type StoredRow = z.infer<typeof StoredRow>;

const json = <T extends z.ZodType>(schema: T) =>
  z.string().transform((text, context) => {
    try {
      if (schema.safeParse(JSON.parse(text)).success) return text;
    } catch {
      // Told below.
    }
    context.addIssue({ code: 'custom', message: 'cannot be read' });
    return z.NEVER;
  });

const SoundRow = SummaryRow.extend({
  seq: z.number().int(),
  id: ImageId,
  content_hash: ContentHash,
  path: PicturePath,
  restore_path: PicturePath.nullable(),
  trashed: z.number().int(),
  missing: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  created_at: Timestamp,
  size_bytes: z.number().int(),
  program: z.literal('').or(ProgramName),
  note: z.string(),
  recipe: json(Recipe).nullable(),
  understood: json(Understood).nullable(),
  raw_texts: json(z.array(RawText)),
  problems: json(z.array(z.string())),
}).refine(({ path, trashed }) => path.startsWith('trash/') === (trashed === 1), {
  message: 'is not what its path says',
  path: ['trashed'],
});
export type SoundRow = z.infer<typeof SoundRow>;

const columns = `i.*, t.prompt, t.note, t.recipe, t.understood, t.raw_texts, t.problems`;
const tables = 'images AS i LEFT JOIN image_texts AS t ON t.seq = i.seq';
const rowsAtOnce = 200;

/** All rows in the order of their keys, a page at a time, so that nothing is held open in between. */
export function* storedRows(database: ReadableDatabase): Generator<StoredRow[]> {
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const page = database.all(
      StoredRow,
      `SELECT ${columns} FROM ${tables} WHERE i.seq > ? ORDER BY i.seq LIMIT ${rowsAtOnce}`,
      [after],
    );
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = last.seq;
  }
}

export function storedRow(database: ReadableDatabase, seq: number): StoredRow | undefined {
  return database.get(StoredRow, `SELECT ${columns} FROM ${tables} WHERE i.seq = ?`, [seq]);
}

/** @returns the row, or which of its columns cannot be */
export function soundRow(row: StoredRow): SoundRow | string {
  const parsed = SoundRow.safeParse(row);
  return parsed.success
    ? parsed.data
    : [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))].join(', ');
}
