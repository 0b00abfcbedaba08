/** Mending what a check found, one thing after the other, on the thread that may write. */
import { copyFileSync, constants, lstatSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { ContentHash } from '../../../../contract/ids.ts';
import { ColourLabel, Flag } from '../../../../contract/picture-facts.ts';
import { isTemporaryName } from '../../durable-file.ts';
import { isDamagedDatabase, storageError } from '../../storage-error.ts';
import { changeMembers } from '../album-changes.ts';
import { catchUpAlbums } from '../album-rows.ts';
import { albumsJournalName, readAlbumsJournal } from '../albums-journal.ts';
import { databaseFileName } from '../database/database-file.ts';
import type { LibraryStore } from '../image-changes.ts';
import { listOf } from '../image-rows.ts';
import { marksJournalName, readMarksJournal } from '../marks-journal.ts';
import { marksOf, noteJournal, writeMarks } from '../marks.ts';
import { insertPictureWords, replaceMarkWords } from '../search-index.ts';
import { integrityOf, isDamage, strayTables, wordTables } from './check-database.ts';
import { isAsMarked, marksRow, strangersIn } from './check-marks.ts';
import { temporaryAgeMs } from './check-pictures.ts';
import {
  mendChanged,
  mendMissing,
  mendOrphan,
  mendRow,
  mendUnreadable,
  mendedItself,
} from './mend-pictures.ts';
import type { Mended, Problem } from './problem.ts';
import { remakeDatabase } from './remake-database.ts';

/** Never throws: what cannot be mended is told with its reason. */
export async function mend(store: LibraryStore, problem: Problem): Promise<Mended> {
  if (problem.remedy === null) return { isMended: false, remedy: null };
  try {
    return isDamage(problem) ? await mendDatabase(store, problem.subject) : mendOne(store, problem);
  } catch (error) {
    return { isMended: false, remedy: StudioError.from(storageError(error, store.folder)).message };
  }
}

function mendOne(store: LibraryStore, { kind, subject, seq, foundAt }: Problem): Mended {
  const { database } = store;
  /** Albums follow what became of contents. */
  const inOne = (work: () => Mended): Mended =>
    database.transaction(() => {
      const mended = work();
      catchUpAlbums(store);
      return mended;
    });
  switch (kind) {
    case 'missing-file':
      return seq === null ? mendedItself : inOne(() => mendMissing(store, seq, foundAt));
    case 'orphan-file':
      return inOne(() => mendOrphan(store, subject));
    case 'changed-file':
      return inOne(() => mendChanged(store, subject));
    case 'unreadable-file':
      return inOne(() => mendUnreadable(store, subject));
    case 'bad-row':
      return seq === null ? mendedItself : inOne(() => mendRow(store, seq));
    case 'temporary-file':
      return mendTemporary(store, subject);
    case 'journal':
      if (subject === marksJournalName || subject === albumsJournalName)
        return mendJournal(store, subject);
      return inOne(() => (seq === null ? told : mendMarks(store, seq)));
    case 'album-member':
      return inOne(() => mendMembers(store));
    case 'search-index':
      return database.transaction(() => mendWords(store, subject));
    case 'database':
      return mendStrays(store);
    default:
      return kind satisfies never;
  }
}

const told: Mended = { isMended: true, remedy: null };

function mendTemporary({ folder, now }: LibraryStore, subject: string): Mended {
  const filePath = path.join(folder, ...subject.split('/'));
  const found = lstatSync(filePath, { throwIfNoEntry: false });
  const isLeft =
    found?.isFile() === true &&
    (isTemporaryName(path.basename(filePath)) || found.size === 0) &&
    now() - found.mtimeMs >= temporaryAgeMs;
  if (!isLeft) return mendedItself;
  rmSync(filePath);
  return told;
}

/** The lines that this thread read are all that can be read of it. */
function mendJournal(store: LibraryStore, name: string): Mended {
  const { folder, marks, albums } = store;
  const isOfMarks = name === marksJournalName;
  const journalPath = path.join(folder, name);
  const { unreadable } = isOfMarks ? readMarksJournal(journalPath) : readAlbumsJournal(journalPath);
  if (unreadable === 0) return mendedItself;
  const aside = path.join(folder, 'set-aside');
  mkdirSync(aside, { recursive: true });
  copyFileSync(journalPath, freePath(aside, name), constants.COPYFILE_EXCL);
  if (isOfMarks) {
    marks.rewrite();
    noteJournal(store);
  } else albums.rewrite();
  return told;
}

function freePath(folder: string, fileName: string): string {
  const { name, ext } = path.parse(fileName);
  for (let number = 1; ; number += 1) {
    const candidate = path.join(folder, number === 1 ? fileName : `${name}-${number}${ext}`);
    if (!lstatSync(candidate, { throwIfNoEntry: false })) return candidate;
  }
}

function mendMarks(store: LibraryStore, seq: number): Mended {
  const { database, marks } = store;
  const row = marksRow(database, seq);
  if (!row || !ContentHash.safeParse(row.content_hash).success) return mendedItself;
  const mark = marks.find(row.content_hash);
  if (isAsMarked(row, mark)) return mendedItself;
  if (!mark) {
    // Marks that the journal never knew: better kept than lost.
    const kept = RowMarks.safeParse(row).data;
    if (kept) marks.append([{ hash: row.content_hash, ...kept }]);
  }
  const after = marksOf(marks.find(row.content_hash));
  writeMarks(database, row.content_hash, after, after);
  noteJournal(store);
  return told;
}

const RowMarks = z
  .object({
    rating: z.number().int().min(0).max(5),
    flag: z.literal('').or(Flag),
    label: z.literal('').or(ColourLabel),
    tags: z.string(),
    note: z.string().nullable(),
  })
  .transform(({ rating, flag, label, tags, note }) => ({
    rating,
    flag: flag === '' ? null : flag,
    label: label === '' ? null : label,
    tags: [...listOf(tags)],
    note: note ?? '',
  }));

function mendMembers(store: LibraryStore): Mended {
  const { database, marks, albums } = store;
  const strangers = new Set(
    [...albums.all()].flatMap((album) =>
      strangersIn(database, (hash) => marks.find(hash) !== undefined, album),
    ),
  );
  changeMembers(store, (hash) => (strangers.has(hash) ? null : hash));
  return told;
}

const WordsRow = z.object({
  seq: z.number().int(),
  path: z.string(),
  tags: z.string(),
  model: z.string(),
  loras: z.string(),
  prompt: z.string().nullable(),
  negative_prompt: z.string().nullable(),
  note: z.string().nullable(),
});
const SeqRow = z.object({ seq: z.number().int() });

function mendWords({ database }: LibraryStore, subject: string): Mended {
  const found = wordTables.find(({ table }) => table === subject);
  if (!found) return mendedItself;
  const { table, lacking, stray } = found;
  for (const { seq } of database.all(SeqRow, stray))
    database.run(`DELETE FROM ${table} WHERE rowid = ?`, [seq]);
  for (const { seq } of database.all(SeqRow, lacking)) {
    const row = database.get(
      WordsRow,
      `SELECT i.seq, i.path, i.tags, i.model, i.loras, t.prompt, t.negative_prompt, t.note
       FROM images AS i LEFT JOIN image_texts AS t ON t.seq = i.seq WHERE i.seq = ?`,
      [seq],
    );
    if (!row) continue;
    if (table === 'mark_words')
      replaceMarkWords(database, seq, { note: row.note ?? '', tags: listOf(row.tags) });
    else {
      insertPictureWords(database, seq, {
        prompt: row.prompt ?? '',
        negativePrompt: row.negative_prompt ?? '',
        model: row.model,
        loras: listOf(row.loras),
        path: row.path,
      });
    }
  }
  return told;
}

function mendStrays({ database }: LibraryStore): Mended {
  database.transaction(() => {
    database.run('DELETE FROM image_texts WHERE seq NOT IN (SELECT seq FROM images)');
    database.run('DELETE FROM image_origins WHERE seq NOT IN (SELECT seq FROM images)');
    database.run('DELETE FROM album_images WHERE album_id NOT IN (SELECT id FROM albums)');
  });
  return strayTables(database).length === 0
    ? told
    : { isMended: false, remedy: 'Rebuild the library from its files.' };
}

/** First its indexes; where that is not enough, all of it. */
async function mendDatabase(store: LibraryStore, subject: string): Promise<Mended> {
  const { database } = store;
  if (integrityOf(database, subject).length === 0) return mendedItself;
  try {
    database.execute('REINDEX');
    if (integrityOf(database, subject).length === 0)
      return { isMended: true, remedy: 'Its indexes were made anew.' };
  } catch (error) {
    if (!isDamagedDatabase(error)) throw error;
  }
  const aside = path.basename(await remakeDatabase(store));
  return integrityOf(database, subject).length === 0
    ? {
        isMended: true,
        remedy: `The database was made anew from the pictures and journals; the old one is kept as "${aside}".`,
      }
    : {
        isMended: false,
        remedy: `Close Atelier, move "${databaseFileName}" out of the library folder and start it again: the database is then made anew from the files.`,
      };
}
