/** One import job: looks for files, imports them, and tells how far it is. */
import { StudioError } from '../../../../contract/errors.ts';
import {
  importLimits,
  type ImportJob,
  type ImportProgress,
  type ImportSkip,
} from '../../../../contract/imports.ts';
import type { Library } from '../library.ts';
import type { FileLine, ImportJournal, JobEnd, JobRecord, StoredJob } from './import-journal.ts';
import type { Importer } from './importer.ts';
import { createRecentPace } from './recent-pace.ts';

export interface JobPorts {
  readonly journal: ImportJournal;
  readonly importer: Importer;
  readonly library: Pick<Library, 'fillAlbum'>;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
  readonly onChange: () => void;
}

export interface JobOutcome {
  readonly state: ImportJob['state'];
  readonly imported: number;
  readonly error: StudioError | null;
}

export interface Job {
  readonly id: string;
  shown(): ImportJob;
  isOver(): boolean;
  outcome(): JobOutcome;
  /**
   * Until it is over, or `closing` aborts: then it stays as it is on disk.
   * @param files null to look for them below the job's paths
   */
  run(files: readonly string[] | null, closing: AbortSignal): Promise<void>;
  /** Resolves once it is over. */
  cancel(): Promise<void>;
  finish(state: JobEnd['state'], error?: StudioError | null): Promise<void>;
}

/** Milliseconds between two tellings of progress. */
const tellEveryMs = 100;
/** Pictures that are put into an album at once. */
const albumBatch = 1000;

/** @param record what an earlier run did; null for a new job */
export function createJob(stored: StoredJob, ports: JobPorts, record: JobRecord | null): Job {
  const { journal, importer, library, now, log, onChange } = ports;
  const { id, origin, into, createdAt } = stored;
  const cancelling = new AbortController();
  const over = Promise.withResolvers<void>();
  const pace = createRecentPace(() => performance.now());
  let state: ImportJob['state'] = record?.end?.state ?? 'queued';
  let finishedAt = record?.end?.finishedAt ?? null;
  let error = record?.end?.error ?? null;
  let phase: ImportProgress['phase'] = record?.end ? 'importing' : 'scanning';
  const counts = { found: 0, imported: 0, duplicates: 0, skipped: 0, bytes: 0 };
  const skips: ImportSkip[] = [];
  /** Files that are done, for as long as it matters. */
  const done = new Set<string>();
  /** Pictures that are not in the album yet. */
  let unfiled: string[] = [];
  let toldAt = 0;

  for (const line of record?.files ?? []) count(line);
  counts.found = doneCount();
  if (record?.end) {
    done.clear();
    unfiled = [];
  }

  function doneCount(): number {
    return counts.imported + counts.duplicates + counts.skipped;
  }

  function count({ file, bytes }: FileLine): void {
    done.add(file.path);
    counts.bytes += bytes;
    switch (file.outcome) {
      case 'imported':
        counts.imported += 1;
        break;
      case 'duplicate':
        counts.duplicates += 1;
        break;
      case 'skipped':
        counts.skipped += 1;
        if (skips.length < importLimits.shownSkips)
          skips.push({ path: file.path, reason: file.reason });
        return;
      default:
        file satisfies never;
    }
    if (into.albumId !== null) unfiled.push(file.imageId);
  }

  function tell(): void {
    if (performance.now() - toldAt < tellEveryMs) return;
    toldAt = performance.now();
    onChange();
  }

  async function file(): Promise<void> {
    const ids = unfiled;
    unfiled = [];
    if (into.albumId === null || ids.length === 0) return;
    await library.fillAlbum(into.albumId, ids).catch((problem: unknown) => {
      const { code, message } = StudioError.from(problem);
      if (code !== 'not-found') throw problem;
      log('warning', `Imported pictures were not put into their album. ${message}`);
    });
  }

  async function find(signal: AbortSignal, onSkips: (skips: ImportSkip[]) => Promise<void>) {
    if (origin.kind !== 'paths') return [];
    const files: string[] = [];
    const client = await importer.thread();
    const found = client.find({ paths: origin.paths, subfolders: true }, { signal });
    for await (const batch of found) {
      for (const each of batch.files) if (!done.has(each)) files.push(each);
      await onSkips(batch.skips.filter((skip) => !done.has(skip.path)));
      counts.found = doneCount() + files.length;
      tell();
    }
    return files;
  }

  async function work(given: readonly string[] | null, signal: AbortSignal): Promise<void> {
    await using writer = await journal.write(id);
    const note = async (lines: readonly FileLine[]) => {
      await writer.note(lines);
      for (const line of lines) count(line);
      if (unfiled.length >= albumBatch) await file();
      pace.note(doneCount());
      tell();
    };
    const noteSkips = (found: readonly ImportSkip[]) =>
      note(
        found.map((skip) => ({
          file: { outcome: 'skipped' as const, ...skip },
          bytes: 0,
        })),
      );
    try {
      const files = given ?? (await find(signal, noteSkips));
      counts.found = doneCount() + files.length;
      phase = 'importing';
      pace.note(doneCount());
      onChange();
      if (!signal.aborted) await importer.importFiles(files, into, note, signal);
    } finally {
      await file();
    }
  }

  async function finish(end: JobEnd['state'], problem: StudioError | null = null): Promise<void> {
    state = end;
    error = problem?.toBody() ?? null;
    finishedAt = now();
    done.clear();
    await journal.end(id, { state: end, error, finishedAt }).catch((failed: unknown) => {
      log('warning', `The end of an import was not noted: ${StudioError.from(failed).message}`);
    });
    over.resolve();
    onChange();
  }

  const isOver = () => state !== 'queued' && state !== 'running';

  return {
    id,
    isOver,
    outcome: () => ({
      state,
      imported: counts.imported,
      error: error && StudioError.fromBody(error),
    }),
    shown() {
      const finished = doneCount();
      const perSecond = state === 'running' && phase === 'importing' ? pace.perSecond() : null;
      return {
        id,
        state,
        origin,
        into,
        createdAt,
        finishedAt,
        progress: {
          phase,
          ...counts,
          done: finished,
          filesPerSecond: perSecond,
          remainingMs: perSecond ? ((counts.found - finished) * 1000) / perSecond : null,
        },
        skips: [...skips],
        error,
      };
    },
    async run(files, closing) {
      if (isOver() || closing.aborted) return;
      state = 'running';
      onChange();
      const signal = AbortSignal.any([closing, cancelling.signal]);
      try {
        await work(files, signal);
      } catch (problem) {
        if (closing.aborted) return;
        if (!cancelling.signal.aborted) {
          await finish('failed', StudioError.from(problem));
          return;
        }
      }
      if (cancelling.signal.aborted) await finish('cancelled');
      else if (!closing.aborted) await finish('done');
    },
    async cancel() {
      if (isOver()) return;
      cancelling.abort();
      if (state === 'queued') await finish('cancelled');
      await over.promise;
    },
    finish,
  };
}
