/** Files against rows: each file is read and hashed once, rows are compared with what it says of itself. */
import { lstatSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { z } from 'zod';
import { isTemporaryName } from '../../durable-file.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { systemPath } from '../image-rows.ts';
import { listPictures } from '../picture-files.ts';
import { readPictureFile } from '../read-picture-file.ts';
import { soundRow, storedRow, storedRows, type SoundRow, type StoredRow } from './checked-rows.ts';
import { problem, type Problem } from './problem.ts';
import { readContent, type Content } from './read-content.ts';

/** Younger ones may still be written. Milliseconds. */
export const temporaryAgeMs = 60_000;
/** Before something that looks wrong is looked at again: a change may be under way. */
const secondLookMs = 60;

export interface FolderFiles {
  /** See `listPictures`. */
  readonly pictures: readonly string[];
  /** Relative to the library: what interrupted writes left. */
  readonly temporaries: readonly string[];
}

export function listFolder(folder: string, now: number): FolderFiles {
  const temporaries: string[] = [];
  const note = (filePath: string) => {
    const found = lstatSync(filePath, { throwIfNoEntry: false });
    if (found && now - found.mtimeMs >= temporaryAgeMs)
      temporaries.push(path.relative(folder, filePath).replaceAll(path.sep, '/'));
  };
  const pictures = listPictures(folder, note).filter((file) => {
    const filePath = systemPath(folder, file);
    const found = lstatSync(filePath, { throwIfNoEntry: false });
    if (found?.size !== 0) return found !== undefined;
    // A name that was reserved for a picture; see `moveWithoutOverwritingSync`.
    note(filePath);
    return false;
  });
  for (const place of ['.', 'inputs']) {
    const parent = path.join(folder, place);
    if (!lstatSync(parent, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const name of readdirSync(parent)) {
      if (isTemporaryName(name)) note(path.join(parent, name));
    }
  }
  return { pictures, temporaries };
}

const PathRow = z.object({ path: z.string() });

type Step =
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number };

/** @throws the signal's reason */
export async function* checkPictures(
  folder: string,
  database: ReadableDatabase,
  files: FolderFiles,
  rowCount: number,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const known = new Set(database.all(PathRow, 'SELECT path FROM images').map((row) => row.path));
  const orphans = files.pictures.filter((file) => !known.has(file));
  const total = orphans.length + rowCount;
  const orphanByHash = new Map<string, string>();
  let done = 0;
  for (const file of orphans) {
    signal.throwIfAborted();
    const found = await orphanProblem(folder, database, file, signal);
    if (found) {
      if (found.hash !== null) orphanByHash.set(found.hash, file);
      yield { kind: 'problem', problem: found.problem };
    }
    yield { kind: 'progress', done: (done += 1), total };
  }
  for (const page of storedRows(database)) {
    for (const row of page) {
      signal.throwIfAborted();
      let found = await rowProblem(folder, row, orphanByHash, signal);
      if (found) {
        await sleep(secondLookMs, undefined, { signal });
        const again = storedRow(database, row.seq);
        found = again ? await rowProblem(folder, again, orphanByHash, signal) : null;
      }
      if (found) yield { kind: 'problem', problem: found };
      yield { kind: 'progress', done: (done += 1), total };
    }
  }
}

async function orphanProblem(
  folder: string,
  database: ReadableDatabase,
  file: string,
  signal: AbortSignal,
): Promise<{ readonly problem: Problem; readonly hash: string | null } | null> {
  const content = await readContent(systemPath(folder, file), signal);
  const readable = content.kind === 'bytes' && readPictureFile(content.bytes) !== null;
  await sleep(secondLookMs, undefined, { signal });
  const isGone = !lstatSync(systemPath(folder, file), { throwIfNoEntry: false });
  if (content.kind === 'gone' || isGone || isKnown(database, file)) return null;
  if (readable) {
    return {
      problem: problem(
        'orphan-file',
        file,
        `The database does not know "${file}".`,
        'It is taken into the library.',
      ),
      hash: content.hash,
    };
  }
  return { problem: unreadable(file, content), hash: null };
}

function isKnown(database: ReadableDatabase, file: string): boolean {
  return database.get(PathRow, 'SELECT path FROM images WHERE path = ?', [file]) !== undefined;
}

async function rowProblem(
  folder: string,
  row: StoredRow,
  orphanByHash: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Problem | null> {
  const sound = soundRow(row);
  const { seq } = row;
  const bad = (what: string) =>
    problem(
      'bad-row',
      row.path,
      `The row of "${row.path}" ${what}.`,
      'It is made anew from its file.',
      {
        seq,
      },
    );
  if (typeof sound === 'string') return bad(`cannot be read (${sound})`);
  const content = await readContent(systemPath(folder, sound.path), signal);
  switch (content.kind) {
    case 'gone': {
      const foundAt = orphanByHash.get(sound.content_hash) ?? null;
      return problem(
        'missing-file',
        sound.path,
        `The file "${sound.path}" is gone.`,
        foundAt === null
          ? 'Its row is taken out and its marks are kept: with the file everything comes back.'
          : `It is found again as "${foundAt}".`,
        { seq, foundAt },
      );
    }
    case 'too-large':
    case 'refused':
      return unreadable(sound.path, content, seq);
    case 'bytes':
      break;
    default:
      return content satisfies never;
  }
  if (content.hash === sound.content_hash) {
    const told = differences(sound, content.bytes);
    return told === '' ? null : bad(`says otherwise than its file (${told})`);
  }
  if (!readPictureFile(content.bytes)) return unreadable(sound.path, content, seq);
  return problem(
    'changed-file',
    sound.path,
    `"${sound.path}" was changed outside Atelier.`,
    'It is read anew and keeps its marks.',
    { seq },
  );
}

/** Which columns say of a file what it does not say of itself. */
export function differences(row: SoundRow, bytes: Uint8Array): string {
  const picture = readPictureFile(bytes);
  // What was taken in as a picture of that content stays one.
  if (!picture) return '';
  return [
    row.width === picture.width && row.height === picture.height ? '' : 'size',
    row.format === picture.format ? '' : 'format',
    row.size_bytes === bytes.length ? '' : 'size_bytes',
    row.missing === 0 ? '' : 'missing',
  ]
    .filter((column) => column !== '')
    .join(', ');
}

function unreadable(file: string, content: Content, seq?: number): Problem {
  const about = seq === undefined ? {} : { seq };
  if (content.kind === 'refused') {
    return problem(
      'unreadable-file',
      file,
      `"${file}" cannot be read (${content.code}). Give yourself the right to read it.`,
      null,
      about,
    );
  }
  const what =
    content.kind === 'too-large'
      ? 'is larger than the library can show'
      : 'is no picture, or not all of one';
  return problem(
    'unreadable-file',
    file,
    `"${file}" ${what}.`,
    'It is moved to the folder "set-aside" of the library.',
    about,
  );
}
