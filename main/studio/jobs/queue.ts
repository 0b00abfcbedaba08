/**
 * The queue of image jobs: one picture at a time, in an order the user decides.
 *
 * Promises: a job is on disk before `add` resolves; a picture counts as made only once the library
 * has it; whatever ends the process, the next start goes on at the next picture; the engine's death
 * costs the picture in progress and is retried once, then fails the job; one failed job never
 * stops the others.
 */
import { randomUUID } from 'node:crypto';
import type { DrawEvent } from '../../../contract/engine.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { JobId } from '../../../contract/ids.ts';
import type { ImageRequest } from '../../../contract/image-request.ts';
import type { Job, Preview, QueueSnapshot } from '../../../contract/queue.ts';
import { createLatestBroadcast } from '../broadcast.ts';
import { picturesOf } from '../grids/plan-request.ts';
import { createJobWork, type JobWork } from './job-work.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { QueuePorts } from './queue-ports.ts';

export interface Queue {
  add(request: ImageRequest): Promise<Job>;
  watch(signal: AbortSignal): AsyncIterable<QueueSnapshot>;
  previews(signal: AbortSignal): AsyncIterable<Preview>;
  cancel(id: JobId): Promise<void>;
  cancelAll(): Promise<void>;
  retry(id: JobId): Promise<Job>;
  move(id: JobId, before: JobId | null): Promise<void>;
  remove(id: JobId): Promise<void>;
  setPaused(paused: boolean): Promise<void>;
  /** Resolves with the job once it is done, failed or cancelled. */
  finished(id: JobId, signal: AbortSignal): Promise<Job>;
  /** Stops after aborting the picture in progress, which will be made at the next start. */
  close(): Promise<void>;
}

/** The engine may die this often under one job before the job is given up. */
const maxAttempts = 2;
const keptFinishedJobs = 100;

export async function createQueue(journal: Journal, ports: QueuePorts): Promise<Queue> {
  const { now, log } = ports;
  let paused = journal.restored.paused;
  /** Queued jobs, first to run first. */
  let waiting: Job[] = [];
  let running: { job: Job; readonly controller: AbortController } | null = null;
  /** Newest first. */
  let finished: Job[] = [];
  /** Jobs of an earlier run that wait for another one to resume them. */
  const held = new Set<JobId>();
  let closing = false;
  let loop: Promise<void> | null = null;
  let lastPreview: Preview | undefined;
  const snapshots = createLatestBroadcast<QueueSnapshot>(snapshot);
  const previews = createLatestBroadcast<Preview>(() => lastPreview);

  for (const job of journal.restored.jobs) {
    if (job.state === 'queued' || job.state === 'running') {
      const stored = await ports.storedPictures(job.id);
      waiting.push({ ...job, state: 'queued', progress: null, imageIds: inOrder(stored) });
      if (!ports.resumes) held.add(job.id);
    } else finished.push(job);
  }
  finished = finished
    .toSorted((a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0))
    .slice(0, keptFinishedJobs);

  function snapshot(): QueueSnapshot {
    return { paused, jobs: [...(running ? [running.job] : []), ...waiting, ...finished] };
  }

  async function record(...entries: JournalEntry[]): Promise<void> {
    await journal.append(entries);
    snapshots.publish(snapshot());
  }

  function recordJob(job: Job): Promise<void> {
    return record({ type: 'job', job: { ...job, progress: null } });
  }

  function wake(): void {
    if (loop || closing) return;
    loop = runAll().finally(() => {
      loop = null;
    });
  }

  async function runAll(): Promise<void> {
    while (!paused && !closing) {
      const job = waiting.find(({ id }) => !held.has(id));
      if (!job) return;
      waiting = waiting.filter((candidate) => candidate !== job);
      const controller = new AbortController();
      running = {
        job: { ...job, state: 'running', startedAt: job.startedAt ?? now() },
        controller,
      };
      const outcome = await runJob(controller.signal).catch((error: unknown) =>
        StudioError.from(error),
      );
      const last = running.job;
      running = null;
      lastPreview = undefined;
      await settle(last, outcome).catch((error: unknown) =>
        log('error', StudioError.from(error).message),
      );
    }
  }

  /** Makes the pictures that are still missing, then the sheet of a grid. @returns null when all are there */
  async function runJob(signal: AbortSignal): Promise<null> {
    const { id } = currentJob();
    update({});
    const work = createJobWork(currentJob());
    for (const [index, settings] of work.pictures.entries()) {
      if (index < currentJob().imageIds.length) continue;
      signal.throwIfAborted();
      work.startPicture();
      const picture = await ports.draw(settings, signal, (event) =>
        onDrawEvent(event, index, work),
      );
      update({ progress: work.progress('saving', index, settings.steps) });
      await keep(await ports.store(picture, settings, id, index));
    }
    if (currentJob().request.grid && currentJob().imageIds.length === work.pictures.length) {
      signal.throwIfAborted();
      const sheetId = await ports.storeSheet(currentJob(), signal);
      if (sheetId !== null) await keep(sheetId);
    }
    return null;
  }

  async function keep(imageId: string): Promise<void> {
    update({ imageIds: [...currentJob().imageIds, imageId] });
    await recordJob(currentJob());
  }

  function currentJob(): Job {
    if (!running) throw new StudioError('internal', 'No job is running.');
    return running.job;
  }

  function update(change: Partial<Job>): void {
    if (!running) return;
    running.job = { ...running.job, ...change };
    snapshots.publish(snapshot());
  }

  function onDrawEvent(event: DrawEvent, picture: number, work: JobWork): void {
    if (!running) return;
    switch (event.kind) {
      case 'loading':
      case 'encoding':
      case 'decoding':
      case 'upscaling': {
        const step = running.job.progress?.picture === picture ? running.job.progress.step : 0;
        update({ progress: work.progress(event.kind, picture, step) });
        return;
      }
      case 'step':
        work.step();
        update({ progress: work.progress('denoising', picture, event.step) });
        if (event.preview) {
          lastPreview = {
            jobId: running.job.id,
            picture,
            step: event.step,
            steps: event.steps,
            ...event.preview,
          };
          previews.publish(lastPreview);
        }
        return;
      case 'image':
        return;
      default:
        event satisfies never;
    }
  }

  /** Decides what becomes of a job that stopped running. */
  async function settle(job: Job, error: StudioError | null): Promise<void> {
    if (closing && error) return;
    if (!error) {
      const pictures =
        job.imageIds.length === 1 ? 'one picture' : `${job.imageIds.length} pictures`;
      log('info', `"${titleOf(job)}": ${pictures} in ${secondsSince(job.startedAt)} s.`);
      return finish({ ...job, state: 'done', error: null });
    }
    if (job.state === 'cancelled' || error.code === 'cancelled')
      return finish({ ...job, state: 'cancelled' });
    const attempts = job.attempts + 1;
    if (error.code === 'engine-stopped' && attempts < maxAttempts) {
      log(
        'warning',
        `The engine stopped during "${titleOf(job)}"; the picture is tried once more.`,
      );
      const again: Job = { ...job, state: 'queued', progress: null, attempts };
      waiting.unshift(again);
      return recordJob(again);
    }
    log('error', `"${titleOf(job)}" failed: ${error.message}`);
    return finish({ ...job, state: 'failed', attempts, error: error.toBody() });
  }

  async function finish(job: Job): Promise<void> {
    const ended: Job = { ...job, progress: null, finishedAt: now() };
    const forgotten = finished.slice(keptFinishedJobs - 1);
    finished = [ended, ...finished.slice(0, keptFinishedJobs - 1)];
    await record(
      { type: 'job', job: ended },
      ...forgotten.map(({ id }): JournalEntry => ({ type: 'removed', id })),
    );
  }

  function secondsSince(startedAt: number | null): string {
    return ((now() - (startedAt ?? now())) / 1000).toFixed(1);
  }

  function takeWaiting(id: JobId): Job | null {
    const job = waiting.find((candidate) => candidate.id === id) ?? null;
    if (job) waiting = waiting.filter((candidate) => candidate.id !== id);
    return job;
  }

  /** On disk before the engine has let go, so that a crash in between does not bring the job back. */
  async function cancelRunning({
    controller,
  }: {
    readonly controller: AbortController;
  }): Promise<void> {
    update({ state: 'cancelled' });
    controller.abort();
    await recordJob(currentJob());
  }

  function recordOrder(): Promise<void> {
    return record({ type: 'order', ids: waiting.map(({ id }) => id) });
  }

  wake();

  return {
    async add(request) {
      const seeded = { ...request, seed: request.seed ?? ports.drawSeed() };
      ports.checkRequest(seeded);
      const job: Job = {
        id: randomUUID(),
        state: 'queued',
        request: { ...seeded, count: picturesOf(seeded).length },
        createdAt: now(),
        startedAt: null,
        finishedAt: null,
        imageIds: [],
        progress: null,
        error: null,
        attempts: 0,
      };
      await journal.append([{ type: 'job', job }]);
      waiting.push(job);
      snapshots.publish(snapshot());
      wake();
      return job;
    },

    watch: (signal) => snapshots.subscribe(signal),
    previews: (signal) => previews.subscribe(signal),

    async cancel(id) {
      if (running?.job.id === id) {
        await cancelRunning(running);
        return;
      }
      const job = takeWaiting(id);
      if (job) await finish({ ...job, state: 'cancelled' });
      else if (!finished.some((candidate) => candidate.id === id)) throw unknownJob(id);
    },

    async cancelAll() {
      const cancelled = waiting;
      waiting = [];
      if (running) await cancelRunning(running);
      for (const job of cancelled) await finish({ ...job, state: 'cancelled' });
    },

    async retry(id) {
      const job = finished.find((candidate) => candidate.id === id);
      if (!job) throw unknownJob(id);
      if (job.state === 'done')
        throw new StudioError(
          'conflict',
          'This job is done already. Generate again to make more pictures.',
        );
      ports.checkRequest(job.request);
      finished = finished.filter((candidate) => candidate !== job);
      const again: Job = { ...job, state: 'queued', finishedAt: null, error: null, attempts: 0 };
      waiting.push(again);
      await recordJob(again);
      wake();
      return again;
    },

    async move(id, before) {
      const job = takeWaiting(id);
      if (!job) throw new StudioError('conflict', 'Only a job that waits can be moved.');
      const position =
        before === null ? -1 : waiting.findIndex((candidate) => candidate.id === before);
      waiting = position < 0 ? [...waiting, job] : waiting.toSpliced(position, 0, job);
      await recordOrder();
    },

    async remove(id) {
      if (running?.job.id === id)
        throw new StudioError('conflict', 'This job is running. Cancel it first.');
      const known = takeWaiting(id) ?? finished.find((candidate) => candidate.id === id);
      if (!known) throw unknownJob(id);
      finished = finished.filter((candidate) => candidate.id !== id);
      await record({ type: 'removed', id });
    },

    async setPaused(value) {
      paused = value;
      await record({ type: 'paused', paused });
      wake();
    },

    async finished(id, signal) {
      for await (const { jobs } of snapshots.subscribe(signal)) {
        const job = jobs.find((candidate) => candidate.id === id);
        if (!job) throw unknownJob(id);
        if (finished.includes(job)) return job;
      }
      throw new StudioError('cancelled', 'Cancelled.');
    },

    async close() {
      closing = true;
      running?.controller.abort();
      await loop;
      await journal.close();
    },
  };
}

/** Image ids from index 0 up to the first gap: what lies beyond a gap is made again under the same id. */
function inOrder(
  stored: readonly { readonly index: number; readonly imageId: string }[],
): string[] {
  const byIndex = new Map(stored.map(({ index, imageId }) => [index, imageId]));
  const ids: string[] = [];
  for (let id = byIndex.get(0); id !== undefined; id = byIndex.get(ids.length)) ids.push(id);
  return ids;
}

function titleOf({ request }: Job): string {
  const prompt = request.prompt.trim() || 'a picture without a prompt';
  return prompt.length > 60 ? `${prompt.slice(0, 59)}…` : prompt;
}

function unknownJob(id: JobId): StudioError {
  return new StudioError('not-found', 'This job is no longer in the queue.', { id });
}
