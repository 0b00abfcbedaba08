/**
 * Exports as jobs: one runs at a time, the others wait.
 *
 * Promises: what `start` resolved for is on disk; a job that a crash or a closed program ended goes on at the next
 * start and makes nothing again that is finished; every change is told to all who watch.
 */
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { StudioError } from '../../../../contract/errors.ts';
import type {
  ExportedFile,
  ExportJob,
  ExportOptions,
  ExportProgress,
} from '../../../../contract/exports.ts';
import { createLatestBroadcast } from '../../broadcast.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { idCount } from '../pictures/packed-ids.ts';
import type { PicturePorts, SourcePictures } from '../pictures/picture-ports.ts';
import { readFileJournal, type FileRecord } from './file-journal.ts';
import { openJobStore, type StoredJob } from './job-store.ts';
import { createPace } from './pace.ts';
import { runExport, type RunOutcome } from './run-export.ts';

export interface ExportJobs {
  /** Lets jobs that wait go on; once the library can be asked. */
  begin(): void;
  start(options: ExportOptions, pictures: SourcePictures): Promise<ExportJob>;
  pause(id: string): Promise<ExportJob>;
  resume(id: string): Promise<ExportJob>;
  cancel(id: string): Promise<ExportJob>;
  remove(id: string): Promise<void>;
  report(
    id: string,
    outcome: ExportedFile['outcome'] | 'all',
    offset: number,
    limit: number,
  ): Promise<{ total: number; files: ExportedFile[] }>;
  /** What there is to see of a job. @throws {StudioError} `not-found` */
  resultOf(id: string): string;
  watch(signal: AbortSignal): AsyncIterable<ExportJob[]>;
  /** Lets pictures in progress be finished; what is left goes on at the next start. */
  close(): Promise<void>;
}

export interface ExportJobsOptions {
  /** Where jobs are kept. */
  readonly folder: string;
  readonly ports: PicturePorts;
  readonly credentials: Credentials;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
  /** Whether jobs that an earlier run left go on by themselves. */
  readonly resumes: boolean;
}

interface Entry {
  stored: StoredJob;
  pausing: AbortController;
  cancelling: AbortController;
  running: Promise<void> | null;
}

const mostFailuresShown = 100;
const mostFinishedKept = 50;
const tellEveryMs = 100;

const noProgress = { written: 0, skipped: 0, failed: 0, done: 0, bytes: 0 } as const;

export async function openExportJobs(options: ExportJobsOptions): Promise<ExportJobs> {
  const { folder, ports, credentials, now, log } = options;
  const store = await openJobStore(folder);
  const entries = new Map<string, Entry>();
  const changed = createLatestBroadcast<ExportJob[]>(list);
  let closing = false;
  let working: Promise<void> = Promise.resolve();

  for (const stored of store.restored) {
    const wasUnderway = ['running', 'queued'].includes(stored.job.state);
    const state = wasUnderway ? (options.resumes ? 'queued' : 'paused') : stored.job.state;
    entries.set(stored.job.id, entryOf({ ...stored, job: { ...stored.job, state } }));
  }

  function entryOf(stored: StoredJob): Entry {
    return {
      stored,
      pausing: new AbortController(),
      cancelling: new AbortController(),
      running: null,
    };
  }

  function list(): ExportJob[] {
    return [...entries.values()].map(({ stored }) => stored.job).toReversed();
  }

  function find(id: string): Entry {
    const entry = entries.get(id);
    if (entry) return entry;
    throw new StudioError('not-found', 'This export is not in the list any more.', { id });
  }

  function show(entry: Entry, changes: Partial<ExportJob>): void {
    entry.stored = { ...entry.stored, job: { ...entry.stored.job, ...changes } };
    changed.publish(list());
  }

  async function change(entry: Entry, changes: Partial<ExportJob>): Promise<ExportJob> {
    show(entry, changes);
    await store.save(entry.stored);
    return entry.stored.job;
  }

  function wake(): void {
    if (!closing) working = working.then(work);
  }

  async function work(): Promise<void> {
    for (;;) {
      const entry = [...entries.values()].find(({ stored }) => stored.job.state === 'queued');
      if (!entry || closing) return;
      entry.running = run(entry);
      await entry.running;
      entry.running = null;
    }
  }

  async function run(entry: Entry): Promise<void> {
    entry.pausing = new AbortController();
    entry.cancelling = new AbortController();
    const { job } = entry.stored;
    const progress = createProgress(entry);
    try {
      await change(entry, {
        state: 'running',
        startedAt: job.startedAt ?? now(),
        finishedAt: null,
        pausedBecause: null,
        error: null,
        failures: [],
        progress: { ...job.progress, ...noProgress, phase: 'preparing' },
      });
      const outcome = await runExport({
        exportId: job.id,
        target: job.target,
        settings: job.settings,
        createdAt: job.createdAt,
        ids: await store.ids(job.id),
        album: entry.stored.album,
        jobFolder: store.folderOf(job.id),
        journalPath: store.journalOf(job.id),
        ports,
        credentials,
        // Syncing does not hold a lane up, see run-export.ts.
        lanes: availableParallelism(),
        pausing: entry.pausing.signal,
        cancelling: entry.cancelling.signal,
        onRecord: progress.onRecord,
        onPhase: progress.onPhase,
      });
      await settle(entry, outcome, progress.current());
    } catch (error) {
      const told = StudioError.from(error);
      log('error', `An export failed: ${told.message}`);
      await change(entry, {
        state: 'failed',
        error: told.toBody(),
        finishedAt: now(),
        progress: progress.current(),
      }).catch((failed: unknown) => log('error', StudioError.from(failed).message));
    }
  }

  async function settle(
    entry: Entry,
    outcome: RunOutcome,
    progress: ExportProgress,
  ): Promise<void> {
    switch (outcome.kind) {
      case 'done':
        entry.stored = { ...entry.stored, result: outcome.path };
        await change(entry, { state: 'done', progress, finishedAt: now() });
        return;
      case 'paused':
        // A program that closes leaves its jobs to go on.
        await change(entry, {
          state: closing && outcome.because === null ? 'queued' : 'paused',
          progress,
          pausedBecause: outcome.because?.toBody() ?? null,
        });
        return;
      case 'cancelled':
        await change(entry, { state: 'cancelled', progress, finishedAt: now() });
        return;
      default:
        outcome satisfies never;
    }
  }

  function createProgress(entry: Entry) {
    const total = entry.stored.job.progress.total;
    const counts = { ...noProgress } as Record<keyof typeof noProgress, number>;
    const pace = createPace();
    let phase: ExportProgress['phase'] = 'preparing';
    let doneHere = 0;
    let toldAt = 0;
    const current = (): ExportProgress => {
      const filesPerSecond = phase === 'writing' ? pace.filesPerSecond() : null;
      return {
        ...counts,
        phase,
        total,
        filesPerSecond,
        remainingMs:
          filesPerSecond === null || filesPerSecond === 0
            ? null
            : Math.round(((total - counts.done) / filesPerSecond) * 1000),
      };
    };
    return {
      current,
      onPhase(next: ExportProgress['phase']) {
        phase = next;
        if (next === 'writing') pace.note(now(), 0);
        show(entry, { progress: current() });
      },
      onRecord(record: FileRecord) {
        counts.done += 1;
        counts[record.outcome] += 1;
        if (record.outcome === 'written')
          counts.bytes += record.files.reduce((sum, { size }) => sum + size, 0);
        if (phase === 'writing') pace.note(now(), (doneHere += 1));
        const { failures } = entry.stored.job;
        const isShown = record.outcome === 'failed' && failures.length < mostFailuresShown;
        if (isShown) {
          const { id, fileName, error } = record;
          show(entry, { failures: [...failures, { id, fileName, error }], progress: current() });
        } else if (now() - toldAt >= tellEveryMs) {
          toldAt = now();
          show(entry, { progress: current() });
        }
      },
    };
  }

  async function forgetOldest(): Promise<void> {
    const finished = [...entries.values()].filter(({ stored }) =>
      ['done', 'cancelled'].includes(stored.job.state),
    );
    for (const { stored } of finished.slice(0, Math.max(0, finished.length - mostFinishedKept))) {
      entries.delete(stored.job.id);
      await store.remove(stored.job.id);
    }
  }

  return {
    begin: wake,
    async start({ source, target, settings }, pictures) {
      const total = idCount(pictures.ids);
      const stored: StoredJob = {
        version: 1,
        album: pictures.album,
        result: null,
        job: {
          id: randomUUID(),
          state: 'queued',
          source: 'ids' in source ? { ids: source.ids.length } : source,
          target,
          settings,
          createdAt: now(),
          startedAt: null,
          finishedAt: null,
          progress: {
            ...noProgress,
            phase: 'preparing',
            total,
            filesPerSecond: null,
            remainingMs: null,
          },
          failures: [],
          pausedBecause: null,
          error: null,
        },
      };
      await forgetOldest();
      await store.create(stored, pictures.ids);
      entries.set(stored.job.id, entryOf(stored));
      changed.publish(list());
      wake();
      return stored.job;
    },
    async pause(id) {
      const entry = find(id);
      if (entry.stored.job.state === 'queued') return change(entry, { state: 'paused' });
      entry.pausing.abort();
      await entry.running;
      return entry.stored.job;
    },
    async resume(id) {
      const entry = find(id);
      const { state } = entry.stored.job;
      if (state === 'queued' || state === 'running') return entry.stored.job;
      const job = await change(entry, { state: 'queued', pausedBecause: null, error: null });
      wake();
      return job;
    },
    async cancel(id) {
      const entry = find(id);
      switch (entry.stored.job.state) {
        case 'running':
          entry.cancelling.abort();
          await entry.running;
          return entry.stored.job;
        case 'queued':
        case 'paused':
          // What lies unfinished beside a target is taken away by a run that is cancelled from its start.
          entry.cancelling.abort();
          await discardUnfinished(entry);
          return change(entry, { state: 'cancelled', finishedAt: now(), pausedBecause: null });
        default:
          return entry.stored.job;
      }
    },
    async remove(id) {
      const entry = find(id);
      if (entry.stored.job.state === 'running')
        throw new StudioError('conflict', 'This export is running. Cancel it first.', { id });
      if (['queued', 'paused'].includes(entry.stored.job.state)) await discardUnfinished(entry);
      entries.delete(id);
      await store.remove(id);
      changed.publish(list());
    },
    async report(id, outcome, offset, limit) {
      find(id);
      const files: ExportedFile[] = [];
      let total = 0;
      for await (const record of readFileJournal(store.journalOf(id))) {
        if (outcome !== 'all' && record.outcome !== outcome) continue;
        if (total >= offset && files.length < limit) files.push(reported(record));
        total += 1;
      }
      return { total, files };
    },
    resultOf(id) {
      const { job, result } = find(id).stored;
      return result ?? job.target.path;
    },
    watch: changed.subscribe,
    async close() {
      closing = true;
      for (const entry of entries.values()) if (entry.running) entry.pausing.abort();
      await working;
    },
  };

  async function discardUnfinished(entry: Entry): Promise<void> {
    const { job, album } = entry.stored;
    if (job.startedAt === null) return;
    await runExport({
      ...job,
      exportId: job.id,
      ids: new Uint8Array(),
      album,
      jobFolder: store.folderOf(job.id),
      journalPath: store.journalOf(job.id),
      ports,
      credentials,
      lanes: 1,
      pausing: new AbortController().signal,
      cancelling: AbortSignal.abort(),
      onRecord: () => {},
      onPhase: () => {},
    }).catch((error: unknown) => log('warning', StudioError.from(error).message));
  }
}

function reported(record: FileRecord): ExportedFile {
  switch (record.outcome) {
    case 'written':
      return {
        outcome: 'written',
        id: record.id,
        files: record.files.map(({ name }) => name),
        bytes: record.files.reduce((sum, { size }) => sum + size, 0),
        copied: record.copied,
      };
    case 'skipped':
      return { outcome: 'skipped', id: record.id, files: record.files };
    case 'failed': {
      const { id, fileName, error } = record;
      return { outcome: 'failed', id, fileName, error };
    }
    default:
      return record satisfies never;
  }
}
