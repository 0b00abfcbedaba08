/** What SQLite itself finds wrong, and rows that belong to none. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { isDamagedDatabase } from '../../storage-error.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { problem, type Problem } from './problem.ts';

/** Behind the table that they are in. */
const strayRows = ': stray rows';

const FreeRow = z.object({ freelist_count: z.number().int() });
const IntegrityRow = z.object({ integrity_check: z.string() });
const NameRow = z.object({ name: z.string() });
const CountRow = z.object({ found: z.number().int() });
const ForeignRow = z.object({ table: z.string() });

/** Of a list in SQLite's file, not of a table: pages that are free. */
const freePages = 'free pages';

/** Table by table, so that it can be ended in between. @throws the signal's reason */
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
    if (faults.length > 0) problems.push(damage(name, `The table "${name}"`, faults));
  }
  // What follows reads rows, and those of a damaged database say anything.
  if (problems.length > 0) return problems;
  const faults = integrityOf(database, freePages);
  if (faults.length > 0) return [damage(freePages, 'The list of free pages', faults)];
  for (const table of strayTables(database)) {
    problems.push(
      problem(
        'database',
        `${table}${strayRows}`,
        `The table "${table}" holds rows that belong to no picture or album.`,
        'They are taken out.',
      ),
    );
  }
  return problems;
}

function damage(subject: string, what: string, faults: readonly string[]): Problem {
  return problem(
    'database',
    subject,
    `${what} of the database is damaged: ${faults.slice(0, 3).join('; ')}.`,
    'Its indexes are made anew; where that is not enough, the whole database is made anew from the pictures and journals, and a copy of it is kept.',
  );
}

/** Whether the database itself is damaged: what it says of anything else may be wrong. */
export function isDamage({ kind, subject }: Problem): boolean {
  return kind === 'database' && !subject.endsWith(strayRows);
}

/** @param subject a table, or the free pages @returns what SQLite finds wrong */
export function integrityOf(database: ReadableDatabase, subject: string): string[] {
  try {
    if (subject === freePages) {
      const { freelist_count: free = 0 } = database.get(FreeRow, 'PRAGMA freelist_count') ?? {};
      if (free === 0) return [];
    }
    // Without a table it looks at all of the file.
    const table = subject === freePages ? '' : `('${subject.replaceAll("'", "''")}')`;
    return database
      .all(IntegrityRow, `PRAGMA integrity_check${table}`)
      .map((row) => row.integrity_check.trim().replaceAll(/\s+/g, ' '))
      .filter((text) => text !== 'ok');
  } catch (error) {
    if (!isDamagedDatabase(error)) throw error;
    return ['it cannot be read'];
  }
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
