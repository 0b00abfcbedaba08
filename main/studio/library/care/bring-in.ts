/**
 * Brings pictures and documents of a backup or of another library into this one.
 *
 * Promises: nothing is overwritten; a picture whose content is here is not copied; a file has its
 * name only once it is whole. The writing thread makes the rows of what is told to be here.
 */
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { link, lstat, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { moveWithoutOverwritingSync, syncFolderSync } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';
import { projectIdOf, unfinishedName } from '../../writing/projects/folder-name.ts';
import { albumsJournalName, readAlbumsJournal } from '../albums-journal.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { databaseFileName, versionInFile } from '../database/database-file.ts';
import { systemPath } from '../image-rows.ts';
import { lockLibrary } from '../lock.ts';
import { marksJournalName, readMarksJournal } from '../marks-journal.ts';
import { refuseNewer } from '../migrations/index.ts';
import { listPictures } from '../picture-files.ts';
import { isPicture, namesIn, newestManifest, objectPath } from './backup-folder.ts';
import type { BringEvent } from './care-thread-contract.ts';
import { copyHashed, hashFile } from './copy-file.ts';
import { nothingCopied } from './copy-report.ts';

/** A file to be brought in. */
interface Arrival {
  readonly from: string;
  /** Relative to the library. */
  readonly path: string;
  /** Null until it is read. */
  readonly hash: string | null;
}

const PathRow = z.object({ path: z.string() });
const filesAtOnce = 20;
const marksAtOnce = 500;
const progressEveryMs = 100;

interface Bringing {
  readonly library: string;
  readonly database: ReadableDatabase;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** @throws {StudioError} `not-found` where there is no backup */
export async function* bringBackup(bringing: Bringing, folder: string): AsyncGenerator<BringEvent> {
  yield { kind: 'progress', phase: 'files', done: 0, total: 0 };
  const manifest = await newestManifest(folder).catch(() => null);
  if (!manifest) {
    throw new StudioError(
      'not-found',
      `"${folder}" holds no whole backup of Atelier. Choose the folder that a backup was made into.`,
      { folder },
    );
  }
  const arrivals = manifest.files.map((file) => ({
    from: objectPath(folder, file),
    path: file.path,
    hash: file.hash,
  }));
  const journal = (name: string) =>
    arrivals.find((arrival) => arrival.path === name)?.from ?? path.join(folder, 'none');
  yield* bringKnowledge(journal(marksJournalName), journal(albumsJournalName));
  const others = arrivals.filter(
    (arrival) => ![marksJournalName, albumsJournalName].includes(arrival.path),
  );
  yield* bringFiles(bringing, others, []);
}

/** @throws {StudioError} `not-found`, `library-locked`, `library-newer`, `bad-request` for this library itself */
export async function* bringLibrary(
  bringing: Bringing,
  folder: string,
  host: string,
): AsyncGenerator<BringEvent> {
  yield { kind: 'progress', phase: 'files', done: 0, total: 0 };
  if (path.resolve(folder) === path.resolve(bringing.library)) {
    throw new StudioError('bad-request', 'This is the library itself. Choose another one.');
  }
  if (
    !existsSync(path.join(folder, databaseFileName)) ||
    !existsSync(path.join(folder, 'images'))
  ) {
    throw new StudioError(
      'not-found',
      `"${folder}" is no library of Atelier. Choose the folder with "images" and "${databaseFileName}" in it.`,
      { folder },
    );
  }
  refuseNewer(versionInFile(path.join(folder, databaseFileName)), folder);
  using _lock = lockLibrary(folder, { pid: process.pid, host });
  yield* bringKnowledge(path.join(folder, marksJournalName), path.join(folder, albumsJournalName));
  mkdirSync(path.join(folder, 'trash'), { recursive: true });
  const pictures = listPictures(folder);
  const inputs = (await namesIn(path.join(folder, 'inputs'))).filter((name) =>
    /^[0-9a-f]{64}\.png$/.test(name),
  );
  const arrivals = [...inputs.map((name) => `inputs/${name}`), ...pictures].map((file) => ({
    from: systemPath(folder, file),
    path: file,
    hash: null,
  }));
  const projects = (await namesIn(path.join(folder, 'documents'))).filter(
    (name) => projectIdOf(name) !== null,
  ).length;
  const problems =
    projects === 0
      ? []
      : [
          `${projects === 1 ? '1 writing project was' : `${projects} writing projects were`} not taken over. Open that library to work on ${projects === 1 ? 'it' : 'them'}.`,
        ];
  yield* bringFiles(bringing, arrivals, problems);
}

/** Marks before pictures, so that rows are made with them. */
function* bringKnowledge(marksPath: string, albumsPath: string): Generator<BringEvent> {
  yield { kind: 'progress', phase: 'marks', done: 0, total: 0 };
  const marks = [...readMarksJournal(marksPath).marks.values()];
  for (let at = 0; at < marks.length; at += marksAtOnce)
    yield { kind: 'marks', marks: marks.slice(at, at + marksAtOnce) };
  const albums = [...readAlbumsJournal(albumsPath).albums.values()];
  if (albums.length > 0) yield { kind: 'albums', albums };
}

async function* bringFiles(
  { library, database, now, signal }: Bringing,
  arrivals: readonly Arrival[],
  told: readonly string[],
): AsyncGenerator<BringEvent> {
  const report = nothingCopied();
  const { problems } = report;
  problems.push(...told);
  const brought = new Set<string>();
  const known = await knownProjects(library);
  const projects = Map.groupBy(arrivals, (arrival) => projectOf(arrival.path)?.folder ?? null);
  const sources = new Set(arrivals.map(({ from }) => from));
  let others = 0;
  let files: string[] = [];
  let toldAt = 0;
  for (const [done, arrival] of arrivals.entries()) {
    signal.throwIfAborted();
    if (now() - toldAt >= progressEveryMs) {
      toldAt = now();
      yield { kind: 'progress', phase: 'pictures', done, total: arrivals.length };
    }
    try {
      if (!isPicture(arrival.path)) {
        const project = projectOf(arrival.path);
        if (project) {
          if (known.has(project.id)) continue;
          known.add(project.id);
          const files = projects.get(project.folder) ?? [];
          report.bytes += await bringProject(library, project, files, signal);
          others += files.length;
          continue;
        }
        const bytes = await bringOther(library, arrival, signal);
        if (bytes === null) continue;
        report.bytes += bytes;
        others += arrival.path.startsWith('inputs/') ? 0 : 1;
        continue;
      }
      const hash = arrival.hash ?? (await hashFile(arrival.from, signal));
      const rows = database.all(PathRow, 'SELECT path FROM images WHERE content_hash = ?', [hash]);
      if (brought.has(hash) || rows.some((row) => isFile(systemPath(library, row.path)))) {
        report.alreadyThere += 1;
        continue;
      }
      const wish = rows[0]?.path ?? arrival.path;
      const copied = await bringPicture(library, { ...arrival, path: wish, hash }, signal);
      if (copied === null) {
        problems.push(`"${arrival.path}" is not what it should be there and was left out.`);
        continue;
      }
      brought.add(hash);
      report.pictures += 1;
      report.bytes += copied.sizeBytes;
      files.push(copied.path);
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof StudioError && error.code === 'internal') {
        problems.push(`${error.message} The writing project was left out.`);
        continue;
      }
      const code = systemCode(error);
      const isOfSource =
        error instanceof Error &&
        'path' in error &&
        typeof error.path === 'string' &&
        sources.has(error.path);
      if (!isOfSource || code === null) throw storageError(error, library);
      problems.push(`"${arrival.path}" cannot be read there (${code}) and was left out.`);
    }
    if (files.length >= filesAtOnce) {
      yield { kind: 'files', files };
      files = [];
    }
  }
  if (files.length > 0) yield { kind: 'files', files };
  if (others > 0) {
    problems.push(
      `${others === 1 ? '1 other file was' : `${others} other files were`} brought back. Restart Atelier to see ${others === 1 ? 'it' : 'them'}.`,
    );
  }
  yield { kind: 'done', report };
}

function isFile(filePath: string): boolean {
  return lstatSync(filePath, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function bringPicture(
  library: string,
  { from, path: wish, hash }: Arrival,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly sizeBytes: number } | null> {
  const parent = path.posix.dirname(wish);
  const parentPath = systemPath(library, parent);
  const copied = await copyHashed(from, parentPath, signal);
  try {
    if (copied.hash !== hash) return null;
    const name = moveWithoutOverwritingSync(
      copied.temporary,
      parentPath,
      path.posix.basename(wish),
    );
    syncFolderSync(parentPath);
    return { path: `${parent}/${name}`, sizeBytes: copied.sizeBytes };
  } finally {
    await rm(copied.temporary, { force: true });
  }
}

/** @returns its size; null where a file of that name is here already */
async function bringOther(
  library: string,
  { from, path: file, hash }: Arrival,
  signal: AbortSignal,
): Promise<number | null> {
  const target = systemPath(library, file);
  if (
    await lstat(target).then(
      () => true,
      () => false,
    )
  )
    return null;
  const copied = await copyHashed(from, path.dirname(target), signal);
  try {
    if (hash !== null && copied.hash !== hash) return null;
    // A link, unlike a rename, fails where the name is taken.
    await link(copied.temporary, target);
    syncFolderSync(path.dirname(target));
    return copied.sizeBytes;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return null;
    throw error;
  } finally {
    await rm(copied.temporary, { force: true });
  }
}

/** A project as a whole or not at all: its files tell of each other. @returns its size */
async function bringProject(
  library: string,
  project: ProjectFolder,
  files: readonly Arrival[],
  signal: AbortSignal,
): Promise<number> {
  const unfinished = path.join(library, 'documents', unfinishedName(project.id));
  let bytes = 0;
  try {
    for (const { from, path: file, hash } of files) {
      const target = systemPath(unfinished, file.slice(project.folder.length + 1));
      const copied = await copyHashed(from, path.dirname(target), signal);
      if (hash !== null && copied.hash !== hash) {
        throw new StudioError('internal', `"${file}" is damaged in the backup.`, { file });
      }
      await rename(copied.temporary, target);
      syncFolderSync(path.dirname(target));
      bytes += copied.sizeBytes;
    }
    const target = systemPath(library, project.folder);
    await mkdir(path.dirname(target), { recursive: true });
    await rename(unfinished, target);
    syncFolderSync(path.dirname(target));
    return bytes;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function knownProjects(library: string): Promise<Set<string>> {
  const documents = path.join(library, 'documents');
  const names = [...(await namesIn(documents)), ...(await namesIn(path.join(documents, 'trash')))];
  return new Set(
    names
      .filter((name) => !name.startsWith('.'))
      .map(projectIdOf)
      .filter((id) => id !== null),
  );
}

interface ProjectFolder {
  readonly id: string;
  /** Relative to the library. */
  readonly folder: string;
}

/** Null for a file of no project. */
function projectOf(file: string): ProjectFolder | null {
  const parts = file.split('/');
  if (parts[0] !== 'documents') return null;
  const depth = parts[1] === 'trash' ? 3 : 2;
  const id = parts.length > depth ? projectIdOf(parts[depth - 1] ?? '') : null;
  return id === null ? null : { id, folder: parts.slice(0, depth).join('/') };
}
