/** Where a queued job goes when it is moved by one place. Pure. */
import type { JobId } from '../../../contract/ids.ts';
import type { Job } from '../../../contract/queue.ts';

/** @returns the job to move before (null for the end), or undefined when it cannot move that way */
export function moveTarget(
  jobs: readonly Job[],
  id: JobId,
  direction: 'up' | 'down',
): JobId | null | undefined {
  const queued = jobs.filter(({ state }) => state === 'queued');
  const index = queued.findIndex((job) => job.id === id);
  if (index < 0) return undefined;
  if (direction === 'up') return queued[index - 1]?.id;
  if (index === queued.length - 1) return undefined;
  return queued[index + 2]?.id ?? null;
}
