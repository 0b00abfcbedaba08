/** Tells of what went wrong while the person was looking elsewhere. */
import { StudioError, type ErrorBody } from '../../contract/errors.ts';
import type { ExportJob } from '../../contract/exports.ts';
import type { ImportJob } from '../../contract/imports.ts';
import type { Job, QueueSnapshot } from '../../contract/queue.ts';
import type { EngineStatus } from '../../contract/system.ts';
import { formatCount } from '../ui/format.ts';

/** @returns jobs that failed since the last snapshot; none at the first, which tells of old ones */
export function newlyFailed(
  before: QueueSnapshot | undefined,
  after: QueueSnapshot,
): readonly Job[] {
  if (!before) return [];
  const failedBefore = new Set(
    before.jobs.filter(({ state }) => state === 'failed').map(({ id }) => id),
  );
  return after.jobs.filter(({ id, state }) => state === 'failed' && !failedBefore.has(id));
}

export function jobFailureMessage(job: Job): StudioError {
  const name = job.request.prompt === '' ? 'A picture' : `“${shortened(job.request.prompt)}”`;
  const error = job.error ?? { code: 'internal' as const, message: 'No reason was given.' };
  return new StudioError(error.code, `${name} could not be drawn. ${error.message}`, error.details);
}

/** @returns what to say when the engine ended unexpectedly since the last status; else null */
export function crashMessage(before: EngineStatus | undefined, after: EngineStatus): string | null {
  if (!before || after.crashes <= before.crashes) return null;
  return 'The engine ended unexpectedly and is started again. Finished pictures are safe.';
}

/** What to say of an export or import: in words where it went well. */
export type TransferEnd = string | StudioError;

/**
 * @param endOf what to say of one in the state that it came to; null for nothing
 * @returns what to say of those whose state changed since the last list; nothing at the first
 */
export function newlyEnded<J extends ExportJob | ImportJob>(
  before: readonly J[] | undefined,
  after: readonly J[],
  endOf: (job: J) => TransferEnd | null,
): readonly TransferEnd[] {
  if (!before) return [];
  const known = new Map(before.map(({ id, state }) => [id, state]));
  return after
    .filter(({ id, state }) => known.get(id) !== state)
    .flatMap((job) => endOf(job) ?? []);
}

/** Of one that ended, or stands still by itself. */
export function exportEnd({
  state,
  progress,
  error,
  pausedBecause,
}: ExportJob): TransferEnd | null {
  const trouble = error ?? pausedBecause;
  if (trouble && (state === 'failed' || state === 'paused')) return errorOf(trouble);
  if (state !== 'done') return null;
  const { written, failed } = progress;
  const lost =
    failed === 0 ? '' : ` ${formatCount(failed, 'picture', 'pictures')} failed; Activity says why.`;
  return `${formatCount(written, 'picture', 'pictures')} exported.${lost}`;
}

/** Of one that ended; a watched folder tells only of what came. */
export function importEnd({ state, origin, progress, error }: ImportJob): TransferEnd | null {
  if (state === 'failed' && error) return errorOf(error);
  const { imported, skipped } = progress;
  if (state !== 'done' || (origin.kind === 'watched' && imported === 0)) return null;
  const left =
    skipped === 0
      ? ''
      : ` ${formatCount(skipped, 'file was', 'files were')} left out; Activity says why.`;
  return `${formatCount(imported, 'picture', 'pictures')} imported.${left}`;
}

function errorOf({ code, message, details }: ErrorBody): StudioError {
  return new StudioError(code, message, details);
}

const promptCharacters = 60;

function shortened(prompt: string): string {
  return prompt.length > promptCharacters ? `${prompt.slice(0, promptCharacters)}…` : prompt;
}
