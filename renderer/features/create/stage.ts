/** What the middle of Create shows. Pure. */
import type { ImageId, JobId } from '../../../contract/ids.ts';
import type { Job, QueueSnapshot } from '../../../contract/queue.ts';

/** `newest` follows the work: the running picture, then each finished one. */
export type Selection =
  | { readonly kind: 'newest' }
  | { readonly kind: 'image'; readonly id: ImageId };

export type Stage =
  | { readonly kind: 'empty' }
  | { readonly kind: 'drawing'; readonly job: Job }
  | { readonly kind: 'failed'; readonly job: Job }
  | { readonly kind: 'image'; readonly id: ImageId };

export function runningJob(queue: QueueSnapshot | undefined): Job | null {
  return queue?.jobs.find(({ state }) => state === 'running') ?? null;
}

export function queuedJobs(queue: QueueSnapshot | undefined): readonly Job[] {
  return queue?.jobs.filter(({ state }) => state === 'queued') ?? [];
}

/**
 * @param recentIds    the newest pictures, newest first
 * @param isRefreshing whether `recentIds` is being read again, so that a picture just made may be missing from it
 */
export function stageFor(
  selection: Selection,
  queue: QueueSnapshot | undefined,
  recentIds: readonly ImageId[],
  isRefreshing: boolean,
): Stage {
  if (selection.kind === 'image') return { kind: 'image', id: selection.id };
  const running = runningJob(queue);
  if (running) return { kind: 'drawing', job: running };
  const newestFinished = queue?.jobs
    .filter(({ finishedAt }) => finishedAt !== null)
    .reduce<Job | null>(
      (newest, job) => ((job.finishedAt ?? 0) > (newest?.finishedAt ?? 0) ? job : newest),
      null,
    );
  if (newestFinished?.state === 'failed') return { kind: 'failed', job: newestFinished };
  const justMade = newestFinished?.state === 'done' ? newestFinished.imageIds.at(-1) : undefined;
  if (isRefreshing && justMade && !recentIds.includes(justMade))
    return { kind: 'image', id: justMade };
  const newest = recentIds[0];
  return newest ? { kind: 'image', id: newest } : { kind: 'empty' };
}

/** Which job made a picture, where the queue still knows it. */
export function originOf(
  id: ImageId,
  queue: QueueSnapshot | undefined,
): { jobId: JobId; picture: number } | null {
  for (const job of queue?.jobs ?? []) {
    const picture = job.imageIds.indexOf(id);
    if (picture >= 0) return { jobId: job.id, picture };
  }
  return null;
}

/** Done part of a whole job, 0 to 1; null while nothing is known. */
export function jobFraction(job: Job): number | null {
  const { progress } = job;
  if (!progress) return null;
  const within = progress.steps > 0 ? progress.step / progress.steps : 0;
  return (progress.picture + within) / job.request.count;
}
