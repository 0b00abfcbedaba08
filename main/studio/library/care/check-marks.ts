/** Journals of marks and albums against the rows that tell of them. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { z } from 'zod';
import { ContentHash } from '../../../../contract/ids.ts';
import { differingAlbums } from '../album-rows.ts';
import { albumsJournalName, readAlbumsJournal, type StoredAlbum } from '../albums-journal.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { marksJournalName, readMarksJournal, type Mark } from '../marks-journal.ts';
import { marksOf } from '../marks.ts';
import { problem, type Problem } from './problem.ts';

const MarksRow = z.object({
  seq: z.number().int(),
  path: z.string(),
  content_hash: z.string(),
  rating: z.number().int(),
  flag: z.string(),
  label: z.string(),
  tags: z.string(),
  has_note: z.number().int(),
  note: z.string().nullable(),
});
export type MarksRow = z.infer<typeof MarksRow>;

const HashRow = z.object({ content_hash: z.string() });

const columns =
  'i.seq, i.path, i.content_hash, i.rating, i.flag, i.label, i.tags, i.has_note, t.note FROM images AS i LEFT JOIN image_texts AS t ON t.seq = i.seq';
const rowsAtOnce = 2000;
/** A change under way is in the journal before it is in the rows. */
const secondLookMs = 150;

/** @throws the signal's reason */
export async function checkMarks(
  folder: string,
  database: ReadableDatabase,
  signal: AbortSignal,
): Promise<Problem[]> {
  const first = await findAll(folder, database, signal);
  if (first.length === 0) return [];
  await sleep(secondLookMs, undefined, { signal });
  const again = await findAll(folder, database, signal);
  const stillThere = new Set(again.map(keyOf));
  return first.filter((each) => stillThere.has(keyOf(each)));
}

function keyOf({ kind, subject, seq }: Problem): string {
  return JSON.stringify([kind, subject, seq]);
}

async function findAll(
  folder: string,
  database: ReadableDatabase,
  signal: AbortSignal,
): Promise<Problem[]> {
  const marks = readMarksJournal(path.join(folder, marksJournalName));
  await nextTurn();
  const albums = readAlbumsJournal(path.join(folder, albumsJournalName));
  return [
    ...unreadableLines(marksJournalName, marks.unreadable),
    ...unreadableLines(albumsJournalName, albums.unreadable),
    ...(await differingRows(database, marks.marks, signal)),
    ...differingAlbums(database, albums.albums.values()).map((id) =>
      albumProblem(id, albums.albums),
    ),
    ...strangeMembers(database, marks.marks, albums.albums.values()),
  ];
}

function unreadableLines(journal: string, count: number): Problem[] {
  if (count === 0) return [];
  return [
    problem(
      'journal',
      journal,
      `${count === 1 ? '1 line' : `${count} lines`} of "${journal}" cannot be read.`,
      'The file is written anew without them; a copy of it is kept in "set-aside".',
    ),
  ];
}

async function differingRows(
  database: ReadableDatabase,
  marks: ReadonlyMap<string, Mark>,
  signal: AbortSignal,
): Promise<Problem[]> {
  const found: Problem[] = [];
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    await nextTurn();
    signal.throwIfAborted();
    const page = database.all(
      MarksRow,
      `SELECT ${columns} WHERE i.seq > ? ORDER BY i.seq LIMIT ${rowsAtOnce}`,
      [after],
    );
    for (const row of page) {
      // One without a hash is told as a bad row.
      if (!ContentHash.safeParse(row.content_hash).success) continue;
      if (isAsMarked(row, marks.get(row.content_hash))) continue;
      found.push(
        problem(
          'journal',
          row.path,
          `The database has other marks for "${row.path}" than their journal.`,
          'The journal counts; marks that it never knew are written into it.',
          { seq: row.seq },
        ),
      );
    }
    const last = page.at(-1);
    if (!last) return found;
    after = last.seq;
  }
}

export function marksRow(database: ReadableDatabase, seq: number): MarksRow | undefined {
  return database.get(MarksRow, `SELECT ${columns} WHERE i.seq = ?`, [seq]);
}

export function isAsMarked(row: MarksRow, mark: Mark | undefined): boolean {
  const { rating, flag, label, tags, note } = marksOf(mark);
  return (
    row.rating === rating &&
    row.flag === (flag ?? '') &&
    row.label === (label ?? '') &&
    row.tags === tags.join('\n') &&
    // A row without texts is told as such.
    (row.note ?? note) === note &&
    row.has_note === Number(note !== '')
  );
}

function albumProblem(id: string, albums: ReadonlyMap<string, StoredAlbum>): Problem {
  const name = albums.get(id)?.name ?? id;
  return problem(
    'journal',
    `album ${id}`,
    `The database has the album "${name}" otherwise than its journal.`,
    'The journal counts.',
  );
}

/** Pictures that were never deleted are known, even where their files are away. */
export function strangersIn(
  database: ReadableDatabase,
  isMarked: (hash: string) => boolean,
  { members }: StoredAlbum,
): string[] {
  return members.filter(
    (hash) =>
      !isMarked(hash) &&
      !database.get(HashRow, 'SELECT content_hash FROM images WHERE content_hash = ?', [hash]),
  );
}

function strangeMembers(
  database: ReadableDatabase,
  marks: ReadonlyMap<string, Mark>,
  albums: Iterable<StoredAlbum>,
): Problem[] {
  return [...albums].flatMap((album) => {
    const strangers = strangersIn(database, (hash) => marks.has(hash), album);
    if (strangers.length === 0) return [];
    const what = strangers.length === 1 ? '1 picture' : `${strangers.length} pictures`;
    return [
      problem(
        'album-member',
        `album ${album.id}`,
        `The album "${album.name}" holds ${what} that the library does not know.`,
        'They are taken out of the album.',
      ),
    ];
  });
}
