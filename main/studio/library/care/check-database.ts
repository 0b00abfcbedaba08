/** What SQLite itself finds wrong, and rows that belong to none. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { ReadableDatabase } from '../database/connection.ts';
import { problem, type Problem } from './problem.ts';

const IntegrityRow = z.object({ integrity_check: z.string() });
const NameRow = z.object({ name: z.string() });
const CountRow = z.object({ found: z.number().int() });
const ForeignRow = z.object({ table: z.string() });

/** Table by table, so that other things get their turn. @throws the signal's reason */
export async function checkDatabase(
  database: ReadableDatabase,
  signal: AbortSignal,
): Promise<Problem[]> {
  const tables = database.all(
    NameRow,
    `SELECT 'sqlite_schema' AS name UNION ALL
     SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  );
  const problems: Problem[] = [];
  for (const { name } of tables) {
    await nextTurn();
    signal.throwIfAborted();
    const faults = integrityOf(database, name);
    if (faults.length > 0) {
      problems.push(
        problem(
          'database',
          name,
          `The table "${name}" is damaged: ${faults.slice(0, 3).join('; ')}.`,
          'Its indexes are made anew; where that is not enough, the rows are made anew from the files.',
        ),
      );
    }
  }
  for (const table of strayTables(database)) {
    problems.push(
      problem(
        'database',
        `${table}: stray rows`,
        `The table "${table}" holds rows that belong to no picture or album.`,
        'They are taken out.',
      ),
    );
  }
  return problems;
}

export function integrityOf(database: ReadableDatabase, table: string): string[] {
  return database
    .all(IntegrityRow, `PRAGMA integrity_check('${table.replaceAll("'", "''")}')`)
    .map((row) => row.integrity_check)
    .filter((text) => text !== 'ok');
}

export function strayTables(database: ReadableDatabase): string[] {
  const rows = database.all(ForeignRow, 'PRAGMA foreign_key_check');
  return [...new Set(rows.map(({ table }) => table))];
}

/** Rows of the word tables against those of pictures; the tables themselves hold no text to compare. */
export const wordTables = [
  {
    table: 'picture_words',
    lacking: 'SELECT seq FROM images WHERE seq NOT IN (SELECT id FROM picture_words_docsize)',
    stray: 'SELECT id AS seq FROM picture_words_docsize WHERE id NOT IN (SELECT seq FROM images)',
  },
  {
    table: 'mark_words',
    lacking: `SELECT seq FROM images WHERE (has_note = 1 OR tags <> '') AND seq NOT IN (SELECT id FROM mark_words_docsize)`,
    stray: `SELECT id AS seq FROM mark_words_docsize WHERE id NOT IN (SELECT seq FROM images WHERE has_note = 1 OR tags <> '')`,
  },
] as const;

export function checkSearchIndex(database: ReadableDatabase): Problem[] {
  return wordTables.flatMap(({ table, lacking, stray }) => {
    const { found = 0 } =
      database.get(CountRow, `SELECT count(*) AS found FROM (${lacking} UNION ALL ${stray})`) ?? {};
    if (found === 0) return [];
    const what = table === 'picture_words' ? 'prompt or name' : 'notes and tags';
    return [
      problem(
        'search-index',
        table,
        `${found === 1 ? '1 picture is' : `${found} pictures are`} not found by their ${what}, or found where there is none.`,
        'Their words are put into the index anew.',
      ),
    ];
  });
}
