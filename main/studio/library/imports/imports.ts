/**
 * Imports: jobs one after the other, single files, watched folders.
 *
 * Promises: a job that was started goes on after a restart with what is left; no file comes in twice;
 * pictures that were imported are in the album and have the tags that were asked for.
 */
import { randomUUID } from 'node:crypto';
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import {
  type ImportInto,
  type ImportJob,
  type ImportedFile,
} from '../../../../contract/imports.ts';
import type { ImageSummary } from '../../../../contract/images.ts';
import { createLatestBroadcast } from '../../broadcast.ts';
import { folderOfLibrary } from '../../folder-of-library.ts';
import type { Library } from '../library.ts';
import { isWithin } from './find-files.ts';
import { createImportJournal } from './import-journal.ts';
import { createImporter } from './importer.ts';
import { createJob, type Job } from './job.ts';
import { openWatchedFolders, type WatchedFolders } from './watched-folders.ts';

export interface Imports {
  start(paths: readonly string[], into: ImportInto): Promise<ImportJob>;
  addFile(
    file: {
      readonly name: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly modifiedAt: number | null;
    },
    into: ImportInto,
  ): Promise<{ outcome: 'imported' | 'duplicate'; image: ImageSummary }>;
  watch(signal: AbortSignal): AsyncIterable<ImportJob[]>;
  cancel(id: string): Promise<ImportJob>;
  remove(id: string): Promise<void>;
  report(
    id: string,
    wanted: {
      readonly outcome: 'all' | ImportedFile['outcome'];
      readonly offset: number;
      readonly limit: number;
    },
  ): Promise<{ total: number; files: ImportedFile[] }>;
  readonly folders: WatchedFolders;
  /** Resolves once no job is left. */
  settled(): Promise<void>;
  /** Jobs go on at the next start. May be called again. */
  close(): Promise<void>;
}

export interface ImportsOptions {
  readonly dataFolder: string;
  readonly libraryFolder: string;
  readonly library: Pick<Library, 'take' | 'fillAlbum' | 'healed' | 'ask'>;
  /** Whether jobs of earlier runs go on and folders are watched. */
  readonly resumes: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

const shownJobs = 50;

/** @throws {StudioError} `library-read-only`, `disk-full` */
export async function openImports(options: ImportsOptions): Promise<Imports> {
  const { dataFolder, libraryFolder, library, resumes, now, wait, log } = options;
  const folder = folderOfLibrary(dataFolder, 'imports', libraryFolder);
  const journal = createImportJournal(path.join(folder, 'jobs'));
  const importer = createImporter(library, libraryFolder);
  const closing = new AbortController();
  /** The oldest first. */
  const jobs = new Map<string, Job>();
  const changed = createLatestBroadcast<ImportJob[]>(shown);
  const ports = { journal, importer, library, now, log, onChange: () => changed.publish(shown()) };
  let tail: Promise<void> = Promise.resolve();
  let closed: Promise<void> | null = null;

  for (const record of await journal.readAll()) {
    const job = createJob(record.job, ports, record);
    jobs.set(job.id, job);
    if (record.end !== null) continue;
    // What is left of a watched folder is found when it is looked through.
    if (record.job.origin.kind === 'paths') {
      if (resumes) void enqueue(job, null);
    } else if (resumes) await job.finish('done');
  }
  await dropOld();

  const folders = await openWatchedFolders({
    file: path.join(folder, 'watched-folders.json'),
    isActive: resumes,
    // The first look at all pictures has the machine to itself.
    thread: () => library.healed.then(importer.thread),
    checkPath: (wanted) => checkFolder(wanted),
    now,
    wait,
    log,
    importFiles: async (watched, files) => {
      const origin = { kind: 'watched', folderId: watched.id, path: watched.path } as const;
      const job = await add(origin, watched.into);
      await enqueue(job, files);
      return job.outcome();
    },
  });

  function shown(): ImportJob[] {
    return [...jobs.values()]
      .slice(-shownJobs)
      .toReversed()
      .map((job) => job.shown());
  }

  async function add(origin: ImportJob['origin'], into: ImportInto): Promise<Job> {
    const stored = { id: randomUUID(), origin, into, createdAt: now() };
    await journal.add(stored);
    const job = createJob(stored, ports, null);
    jobs.set(job.id, job);
    ports.onChange();
    await dropOld();
    return job;
  }

  /** One after the other. @param files null to look for them */
  function enqueue(job: Job, files: readonly string[] | null): Promise<void> {
    const ran = tail.then(() => job.run(files, closing.signal));
    tail = ran.catch((error: unknown) => {
      if (!closing.signal.aborted)
        log('error', `An import failed: ${StudioError.from(error).message}`);
    });
    return tail;
  }

  async function dropOld(): Promise<void> {
    const finished = [...jobs.values()].filter((job) => job.isOver());
    for (const job of finished.slice(0, Math.max(0, jobs.size - shownJobs))) {
      jobs.delete(job.id);
      await journal.remove(job.id);
    }
  }

  function jobOf(id: string): Job {
    const job = jobs.get(id);
    if (job) return job;
    throw new StudioError('not-found', 'This import is no longer in the list.', { id });
  }

  async function checkInto({ albumId }: ImportInto): Promise<void> {
    if (albumId === null) return;
    const { albums } = await library.ask.albums({});
    const album = albums.find(({ id }) => id === albumId);
    if (!album)
      throw new StudioError('not-found', 'This album is gone. Choose another.', { albumId });
    if (album.kind === 'smart')
      throw new StudioError(
        'bad-request',
        'A smart album finds its pictures by itself. Choose one that pictures are put into.',
        { albumId },
      );
  }

  async function checkPath(wanted: string): Promise<string> {
    if (!path.isAbsolute(wanted) || wanted.includes('\0'))
      throw new StudioError(
        'bad-request',
        `"${wanted}" is not a whole path. Name it from the root on.`,
      );
    const real = await realpath(wanted).catch(() => path.resolve(wanted));
    if (isWithin(await realpath(libraryFolder), real))
      throw new StudioError(
        'bad-request',
        `"${wanted}" lies in the library. What is in it need not be imported.`,
        { path: wanted },
      );
    return real;
  }

  /** @returns its real path @throws {StudioError} `bad-request` */
  async function checkFolder(wanted: string): Promise<string> {
    const real = await checkPath(wanted);
    if (isWithin(real, await realpath(libraryFolder)))
      throw new StudioError(
        'bad-request',
        `The library lies in "${wanted}". Choose a folder that does not hold it.`,
        { path: wanted },
      );
    const isFolder = await lstat(real)
      .then((found) => found.isDirectory())
      .catch(() => false);
    if (!isFolder)
      throw new StudioError('bad-request', `"${wanted}" is no folder. Choose one that is there.`, {
        path: wanted,
      });
    return real;
  }

  return {
    async start(paths, into) {
      for (const each of paths) await checkPath(each);
      await checkInto(into);
      const job = await add({ kind: 'paths', paths: [...paths] }, into);
      void enqueue(job, null);
      return job.shown();
    },
    async addFile({ name, bytes, modifiedAt }, into) {
      await checkInto(into);
      const source = { kind: 'bytes', name, bytes, modifiedAt: modifiedAt ?? now() } as const;
      const { outcome, imageId } = await importer.importBytes(source, into);
      if (into.albumId !== null) await library.fillAlbum(into.albumId, [imageId]);
      const [image] = (await library.ask.summaries({ ids: [imageId] })).summaries;
      if (image) return { outcome, image };
      throw new StudioError('not-found', 'The picture was deleted as soon as it was imported.');
    },
    watch: changed.subscribe,
    async cancel(id) {
      const job = jobOf(id);
      await job.cancel();
      return job.shown();
    },
    async remove(id) {
      const job = jobOf(id);
      if (!job.isOver())
        throw new StudioError('conflict', 'This import still runs. Cancel it first.', { id });
      jobs.delete(id);
      await journal.remove(id);
      ports.onChange();
    },
    async report(id, { outcome, offset, limit }) {
      jobOf(id);
      const record = await journal.read(id);
      const files = (record?.files ?? [])
        .map(({ file }) => file)
        .filter((file) => outcome === 'all' || file.outcome === outcome);
      return { total: files.length, files: files.slice(offset, offset + limit) };
    },
    folders,
    async settled() {
      for (let seen = null as unknown; seen !== tail;) {
        seen = tail;
        await tail;
      }
    },
    close: () =>
      (closed ??= (async () => {
        closing.abort();
        await folders.close();
        await tail;
        await importer.close();
      })()),
  };
}
