import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openReadable, openWritable, type ReadableDatabase } from './database/connection.ts';
import {
  countStatement,
  finishedPictures,
  pageOf,
  pageStatement,
  type Statement,
} from './image-queries.ts';
import { everything } from './library.fixture.ts';
import { migrate, readSchemaVersion, schemaVersion } from './migrations/index.ts';
import { readSearch } from './search-text.ts';

const rows = 100_000;
let folder: string;
let database: ReadableDatabase;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-queries-'));
  const file = path.join(folder, 'library.sqlite');
  using writable = openWritable(file);
  migrate(writable, file);
  expect(readSchemaVersion(writable)).toBe(schemaVersion);
  // Every 10th rated, every 100th in the trash, every 50th of a castle.
  writable.transaction(() =>
    writable.run(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
       INSERT INTO images (seq, id, content_hash, path, trashed, rating, created_at, width, height, size_bytes,
         prompt, negative_prompt, model, job_id, picture_index)
       SELECT 1800000000000000 + i * 1000, printf('00000000-0000-8000-8000-%012x', i), printf('%064x', i),
         iif(i % 100 = 0, 'trash/', 'images/') || i || '.png', i % 100 = 0, iif(i % 10 = 5, 1 + i % 5, 0),
         1800000000000 + i, 64, 64, 1000, 'a red apple ' || i || iif(i % 50 = 7, ' castle', ''), 'blurry', 'Starter',
         printf('job-%d', i / 4), i % 4
       FROM n`,
      [rows],
    ),
  );
  database = openReadable(file);
}, 60_000);

afterAll(() => {
  database[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function planOf({ sql, parameters }: Statement): string {
  const steps = database.all(
    z.object({ detail: z.string() }),
    `EXPLAIN QUERY PLAN ${sql}`,
    parameters,
  );
  return steps.map(({ detail }) => detail).join('\n');
}

const noWords = readSearch('');

describe('a page of 100,000 pictures', () => {
  it('is read along an index without sorting', () => {
    const plan = planOf(pageStatement(everything, noWords, Number.MAX_SAFE_INTEGER, 200));
    expect(plan).toBe('SEARCH i USING INDEX images_by_state (trashed=? AND rowid<?)');
  });

  it('of rated ones is read along the index of the rated ones, without sorting', () => {
    const plan = planOf(
      pageStatement({ ...everything, minRating: 3 }, noWords, Number.MAX_SAFE_INTEGER, 200),
    );
    expect(plan).toMatch(/^SEARCH i USING INDEX images_rated \(trashed=\? AND seq<\?\)$/);
  });

  it('with words walks the full-text index in the gallery’s order, without sorting', () => {
    const plan = planOf(
      pageStatement(everything, readSearch('red castle'), Number.MAX_SAFE_INTEGER, 200),
    );
    expect(plan).toMatch(
      /^SCAN images_fts VIRTUAL TABLE INDEX \S+\nSEARCH i USING INTEGER PRIMARY KEY \(rowid=\?\)$/,
    );
  });

  it('is counted without looking at a picture', () => {
    expect(planOf(countStatement(everything, noWords))).toBe(
      'SEARCH image_counts USING PRIMARY KEY (trashed=? AND rating>?)',
    );
    expect(planOf(countStatement(everything, readSearch('red')))).toMatch(
      /^SCAN images_fts VIRTUAL TABLE INDEX \S+$/,
    );
  });

  it('holds the right ones, from the first to the last', () => {
    const expected = Array.from({ length: rows }, (_, i) => rows - 1 - i).filter(
      (i) => i % 100 !== 0 && i % 50 === 7,
    );
    const query = { ...everything, text: 'castle red' };
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = pageOf(database, query, cursor, 500);
      expect(page.total).toBe(expected.length);
      seen.push(...page.items.map(({ createdAt }) => createdAt - 1_800_000_000_000));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seen).toEqual(expected);
    expect(pageOf(database, everything, null, 1).total).toBe(rows * 0.99);
    expect(pageOf(database, { ...everything, trashed: true }, null, 1).total).toBe(rows / 100);
    expect(pageOf(database, { ...everything, minRating: 1 }, null, 1).total).toBe(rows / 10);
    expect(pageOf(database, { ...everything, minRating: 2 }, null, 1).total).toBe(0);
  });

  it('can be searched for any text without an error, and holds as many as are counted', () => {
    const word = fc.constantFrom(
      'castle',
      'red',
      '"',
      '*',
      'AND',
      'NOT',
      'NEAR(',
      '-a',
      'a:',
      '(',
      '^',
      '猫',
      '🐈',
      '٣',
      '\0',
      ' ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const page = pageOf(database, { text: typed, minRating: 5, trashed: true }, null, 1000);
        expect(page.items).toHaveLength(page.total);
      }),
      { numRuns: 300 },
    );
  });

  it('cannot be written to through a readable handle', () => {
    expect(() => database.all(z.unknown(), 'DELETE FROM images RETURNING id')).toThrow(/readonly/);
  });
});

it('the pictures of a job are found by index', () => {
  expect(
    planOf({
      sql: 'SELECT picture_index, id FROM images WHERE job_id = ? AND picture_index IS NOT NULL ORDER BY picture_index',
      parameters: ['job-3'],
    }),
  ).toBe('SEARCH images USING INDEX images_by_job (job_id=? AND picture_index>?)');
  expect(finishedPictures(database, 'job-3').map(({ index }) => index)).toEqual([0, 1, 2, 3]);
});
