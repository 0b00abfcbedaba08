/**
 * Takes files into the library: some are read and copied while those before them get their names.
 *
 * Promises: every file ends as imported, as a duplicate or as skipped; a file that breaks the reading
 * thread is skipped and the others go on; the writing thread has a few pictures a turn.
 */
import { rm } from 'node:fs/promises';
import { StudioError } from '../../../../contract/errors.ts';
import type { ImportInto, ImportedFile } from '../../../../contract/imports.ts';
import { startThread, type Thread } from '../../thread.ts';
import type { Library } from '../library.ts';
import type { Incoming, Taken } from '../take-pictures.ts';
import type { FileLine } from './import-journal.ts';
import { importThreadContract, type SourceFile } from './import-thread-contract.ts';
import { noMarks, together } from './sidecars.ts';

/** Files that are read and copied at once: their syncs wait for the disk together. */
const lanes = 4;
/** Pictures of one turn of the writing thread. */
const takenAtOnce = 16;
/** How often a file is tried whose picture was deleted, or whose reader died, meanwhile. */
const attempts = 3;

type ImportThread = Thread<typeof importThreadContract>['client'];

export interface Importer {
  /** Starts the thread where there is none. @throws {StudioError} */
  thread(): Promise<ImportThread>;
  /**
   * @param onDone told what became of files; awaited before more is taken in
   * @returns once all are done, or the signal aborted and what had been read is done too
   * @throws {StudioError} what ends the whole: `disk-full`, `library-read-only`
   */
  importFiles(
    files: Iterable<string>,
    into: ImportInto,
    onDone: (files: readonly FileLine[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** @throws {StudioError} as `imports.addFile` */
  importBytes(
    source: Extract<SourceFile, { kind: 'bytes' }>,
    into: ImportInto,
  ): Promise<Exclude<Taken, { outcome: 'gone' }>>;
  close(): Promise<void>;
}

interface Work {
  readonly path: string;
  readonly attempt: number;
}

export function createImporter(
  library: Pick<Library, 'take' | 'healed'>,
  libraryFolder: string,
): Importer {
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? './import-worker.ts' : './import-worker.js',
    import.meta.url,
  );
  let running: { thread: Thread<typeof importThreadContract>; opened: Promise<unknown> } | null =
    null;
  let isFirst = true;
  let isClosed = false;

  async function thread(): Promise<ImportThread> {
    if (isClosed) throw new StudioError('disconnected', 'The importer is closed.');
    if (!running) {
      const started = startThread(importThreadContract, entry, 'The importer');
      running = { thread: started, opened: started.client.open({ libraryFolder, isFirst }) };
      isFirst = false;
    }
    const current = running;
    try {
      await current.opened;
    } catch (error) {
      await drop(current);
      throw error;
    }
    return current.thread.client;
  }

  async function drop(current: NonNullable<typeof running>): Promise<void> {
    if (running === current) running = null;
    await current.thread.end();
  }

  /** Null where the thread died of it, or of what it read beside it. */
  async function prepare(source: SourceFile) {
    const client = await thread();
    const current = running;
    try {
      return await client.prepare({ source });
    } catch (error) {
      if (StudioError.from(error).code !== 'disconnected' || isClosed) throw error;
      if (current) await drop(current);
      return null;
    }
  }

  return {
    thread,
    async importFiles(files, into, onDone, signal) {
      // Files that a crash left without a row are found first, and known then.
      await library.healed;
      const again: Work[] = [];
      const rest = files[Symbol.iterator]();
      const ready: { work: Work; incoming: Incoming; sizeBytes: number }[] = [];
      let failure: unknown = null;
      let tail: Promise<void> = Promise.resolve();

      function next(): Work | null {
        if (signal.aborted || failure !== null) return null;
        const work = again.pop();
        if (work) return work;
        const { value, done } = rest.next();
        return done ? null : { path: value, attempt: 1 };
      }

      /** Tried again, or skipped. */
      async function retry({ path, attempt }: Work, reason: string): Promise<void> {
        if (attempt < attempts) again.push({ path, attempt: attempt + 1 });
        else await skip(path, reason);
      }

      async function skip(path: string, reason: string): Promise<void> {
        await onDone([{ file: { outcome: 'skipped', path, reason }, bytes: 0 }]);
      }

      async function takeReady(): Promise<void> {
        if (failure !== null) return;
        const batch = ready.splice(0, takenAtOnce);
        if (batch.length === 0) return;
        const taken = await library.take(batch.map(({ incoming }) => incoming));
        const done: FileLine[] = [];
        for (const [at, { work, incoming, sizeBytes }] of batch.entries()) {
          const result = taken[at];
          if (!result) continue;
          if (result.outcome === 'gone') {
            await retry(work, 'The picture was deleted while it was imported.');
            continue;
          }
          const file: ImportedFile = { ...result, path: work.path };
          const isCopied = result.outcome === 'imported' && incoming.file !== null;
          done.push({ file, bytes: isCopied ? sizeBytes : 0 });
        }
        await onDone(done);
      }

      function flush(): Promise<void> {
        tail = tail.then(takeReady).catch((error: unknown) => {
          failure ??= error;
        });
        return tail;
      }

      async function lane(): Promise<void> {
        for (let work = next(); work; work = next()) {
          const prepared = await prepare({ kind: 'path', path: work.path });
          if (!prepared) await retry(work, 'Reading it stopped the importer.');
          else if (prepared.outcome === 'skipped') await skip(work.path, prepared.reason);
          else {
            const { incoming, sizeBytes } = prepared;
            ready.push({ work, incoming: wished(incoming, into), sizeBytes });
            const flushed = flush();
            if (ready.length >= takenAtOnce) await flushed;
          }
        }
      }

      async function allLanes(): Promise<void> {
        const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
        for (const each of ended) if (each.status === 'rejected') failure ??= each.reason;
        await flush();
        while (ready.length > 0 && failure === null) await flush();
      }

      // What is tried again in the last turn needs lanes of its own.
      do await allLanes();
      while (again.length > 0 && failure === null && !signal.aborted);
      // Copies that nobody takes any more would hold the room that is lacking.
      for (const { incoming } of ready.splice(0))
        if (incoming.file) await rm(incoming.file.temporary, { force: true }).catch(() => {});
      if (failure !== null) throw StudioError.from(failure);
    },
    async importBytes(source, into) {
      await library.healed;
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const prepared = await prepare(source);
        if (!prepared) continue;
        if (prepared.outcome === 'skipped')
          throw new StudioError(
            prepared.isTooLarge ? 'too-large' : 'unsupported',
            `"${source.name}" was not imported. ${prepared.reason}`,
          );
        const [taken] = await library.take([wished(prepared.incoming, into)]);
        if (taken && taken.outcome !== 'gone') return taken;
      }
      throw new StudioError('unsupported', `"${source.name}" could not be read. Try another file.`);
    },
    async close() {
      isClosed = true;
      if (running) await drop(running);
    },
  };
}

function wished(incoming: Incoming, { tags }: ImportInto): Incoming {
  return { ...incoming, marks: together([incoming.marks, { ...noMarks, tags }]) };
}
