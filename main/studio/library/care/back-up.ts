/**
 * Makes a backup of everything that a person made.
 *
 * Promises: what was copied once is not copied again; until the new list of files is on disk the one
 * before stays valid, and what it needs stays; nothing of the library changes.
 */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CareProgress, CopyReport } from '../../../../contract/care.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { isTemporaryName, syncFolderSync, writeFileDurably } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';
import { systemPath } from '../image-rows.ts';
import {
  isPicture,
  manifestNames,
  markerName,
  namesIn,
  newestManifest,
  objectPath,
  readManifest,
  refuseForeign,
  unfinishedName,
  type BackupFile,
} from './backup-folder.ts';
import { copyHashed } from './copy-file.ts';
import { nothingCopied } from './copy-report.ts';

type Event = CareProgress | { readonly kind: 'done'; readonly report: CopyReport };

const manifestsKept = 10;
const progressEveryMs = 100;

/** Made anew, belonging to this run or this machine, or to be had elsewhere. */
const leftOut =
  /^(?:library\.sqlite.*|library\.lock.*|library\.owner\.json|queue\.jsonl|models|adapters|exports)$/;

/** @throws {StudioError} as `library.backup`, and the signal's reason */
export async function* backUp(
  library: string,
  folder: string,
  now: () => number,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  await refuseForeign(folder, library);
  try {
    yield* copyAll(library, folder, now, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (systemCode(error) === 'ENOENT' && !(await isMarked(folder))) throw wentAway(folder);
    throw storageError(error, folder);
  }
}

async function* copyAll(
  library: string,
  folder: string,
  now: () => number,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  yield { kind: 'progress', phase: 'files', done: 0, total: 0 };
  const lists = path.join(folder, 'backups');
  const before = await newestManifest(folder);
  const known = new Map(before?.files.map((file) => [file.path, file]));
  if (!(await namesIn(folder)).includes(markerName))
    await writeFileDurably(path.join(folder, markerName), '{"version":1}\n');
  await writeFileDurably(path.join(lists, unfinishedName), '');
  const wanted = await filesOf(library, signal);
  const files: BackupFile[] = [];
  const report = nothingCopied();
  let toldAt = 0;
  for (const [done, file] of wanted.entries()) {
    signal.throwIfAborted();
    if (now() - toldAt >= progressEveryMs) {
      toldAt = now();
      yield { kind: 'progress', phase: 'pictures', done, total: wanted.length };
    }
    const copied = await copyOne(library, folder, file, known.get(file), signal);
    if (copied.kind === 'refused') {
      report.problems.push(copied.problem);
      // What the backup has of it is better than nothing.
      const earlier = known.get(file);
      if (earlier) files.push(earlier);
      continue;
    }
    if (copied.kind === 'gone') continue;
    files.push(copied.file);
    report.bytes += copied.isNew ? copied.file.sizeBytes : 0;
    if (!isPicture(file)) continue;
    if (copied.isNew) report.pictures += 1;
    else report.alreadyThere += 1;
  }
  signal.throwIfAborted();
  yield { kind: 'progress', phase: 'verifying', done: wanted.length, total: wanted.length };
  for (const file of files) {
    const found = await stat(objectPath(folder, file)).catch(() => null);
    if (found?.size !== file.sizeBytes) {
      throw new Error(`The backup's copy of "${file.path}" is not whole. Make the backup again.`);
    }
  }
  // Two within one millisecond, or a clock that was set back.
  const createdAt = Math.max(now(), (before?.createdAt ?? 0) + 1);
  await writeFileDurably(
    path.join(lists, `${createdAt}.json`),
    JSON.stringify({ version: 1, createdAt, library, files }),
  );
  await rm(path.join(lists, unfinishedName), { force: true });
  await prune(folder);
  yield { kind: 'done', report };
}

function wentAway(folder: string): StudioError {
  return new StudioError(
    'not-found',
    `"${folder}" went away while the backup was made. Connect the disk again and make the backup again.`,
    { folder },
  );
}

function isMarked(folder: string): Promise<boolean> {
  return stat(path.join(folder, markerName)).then(
    (found) => found.isFile(),
    () => false,
  );
}

type Copied =
  | { readonly kind: 'copied'; readonly file: BackupFile; readonly isNew: boolean }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly problem: string };

async function copyOne(
  library: string,
  folder: string,
  file: string,
  known: BackupFile | undefined,
  signal: AbortSignal,
): Promise<Copied> {
  const from = systemPath(library, file);
  const found = await stat(from).catch(() => null);
  if (!found) return { kind: 'gone' };
  if (known?.sizeBytes === found.size && known.modifiedAt === found.mtimeMs) {
    const object = await stat(objectPath(folder, known)).catch(() => null);
    if (object?.size === known.sizeBytes) return { kind: 'copied', file: known, isNew: false };
  }
  // The place of a disk that was taken out is an ordinary folder of another one.
  if (!(await isMarked(folder))) throw wentAway(folder);
  const objects = path.join(folder, 'objects');
  await makeFolder(objects);
  let copied;
  try {
    copied = await copyHashed(from, objects, signal);
  } catch (error) {
    const code = systemCode(error);
    const isOfSource = error instanceof Error && 'path' in error && error.path === from;
    if (!isOfSource || code === null) throw error;
    if (code === 'ENOENT') return { kind: 'gone' };
    return { kind: 'refused', problem: `"${file}" cannot be read (${code}) and was left out.` };
  }
  const { temporary, hash, sizeBytes } = copied;
  const entry = { path: file, hash, sizeBytes, modifiedAt: found.mtimeMs };
  const target = objectPath(folder, entry);
  const there = await stat(target).catch(() => null);
  if (there?.size === sizeBytes) {
    await rm(temporary);
    return { kind: 'copied', file: entry, isNew: false };
  }
  await makeFolder(path.dirname(target));
  await rename(temporary, target);
  syncFolderSync(path.dirname(target));
  return { kind: 'copied', file: entry, isNew: true };
}

/** Not those above it: they would be made anew where the disk was. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Relative to the library; symbolic links are not followed. */
async function filesOf(library: string, signal: AbortSignal): Promise<string[]> {
  const files: string[] = [];
  const walk = async (relative: string): Promise<void> => {
    signal.throwIfAborted();
    for (const entry of await readdir(systemPath(library, relative), { withFileTypes: true })) {
      const child = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (relative === '' && leftOut.test(entry.name)) continue;
      // The library knows no picture with another system's separator in its name either.
      if (entry.name.includes('\\') || isTemporaryName(entry.name) || entry.name.endsWith('.part'))
        continue;
      if (entry.isDirectory()) await walk(child);
      else if (entry.isFile()) files.push(child);
    }
  };
  await walk('');
  return files;
}

/** Lists beyond those that are kept, then contents that no list names. */
async function prune(folder: string): Promise<void> {
  const names = await manifestNames(folder);
  for (const name of names.slice(manifestsKept)) await rm(path.join(folder, 'backups', name));
  const needed = new Set<string>();
  for (const name of names.slice(0, manifestsKept)) {
    const manifest = await readManifest(path.join(folder, 'backups', name));
    for (const file of manifest?.files ?? []) needed.add(objectPath(folder, file));
  }
  const objects = path.join(folder, 'objects');
  for (const name of await namesIn(objects)) {
    const place = path.join(objects, name);
    if (isTemporaryName(name)) await rm(place, { force: true });
    if (!/^[0-9a-f]{2}$/.test(name)) continue;
    for (const object of await namesIn(place)) {
      const file = path.join(place, object);
      if (/^[0-9a-f]{64}(\.[a-z0-9]+)?$/.test(object) && !needed.has(file)) await rm(file);
    }
  }
}
