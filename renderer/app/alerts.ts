/** Tells of what went wrong while the person was looking elsewhere. */
import { StudioError } from '../../contract/errors.ts';
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

interface TransferEnd {
  readonly text: string;
  /** Null where it went well. */
  readonly error: StudioError | null;
}

/** @returns what to say of exports that ended, or stand still by themselves, since the last list */
export function newlyEndedExports(
  before: readonly ExportJob[] | undefined,
  after: readonly ExportJob[],
): readonly TransferEnd[] {
  if (!before) return [];
  const known = new Map(before.map((job) => [job.id, job]));
  return after.flatMap((job): TransferEnd[] => {
    const earlier = known.get(job.id);
    if (earlier?.state === job.state) return [];
    const trouble = job.error ?? job.pausedBecause;
    if (trouble && (job.state === 'failed' || job.state === 'paused'))
      return [
        {
          text: trouble.message,
          error: new StudioError(trouble.code, trouble.message, trouble.details),
        },
      ];
    if (job.state !== 'done') return [];
    const { written, failed } = job.progress;
    const lost =
      failed === 0
        ? ''
        : ` ${formatCount(failed, 'picture', 'pictures')} failed; Activity says why.`;
    return [
      { text: `${formatCount(written, 'picture', 'pictures')} exported.${lost}`, error: null },
    ];
  });
}

/** @returns what to say of imports that a person asked for and that ended since the last list */
export function newlyEndedImports(
  before: readonly ImportJob[] | undefined,
  after: readonly ImportJob[],
): readonly TransferEnd[] {
  if (!before) return [];
  const known = new Map(before.map((job) => [job.id, job]));
  return after.flatMap((job): TransferEnd[] => {
    if (known.get(job.id)?.state === job.state) return [];
    if (job.state === 'failed' && job.error) {
      const { code, message, details } = job.error;
      return [{ text: message, error: new StudioError(code, message, details) }];
    }
    const { imported, skipped } = job.progress;
    // A watched folder tells only of what came.
    if (job.state !== 'done' || (job.origin.kind === 'watched' && imported === 0)) return [];
    const left =
      skipped === 0
        ? ''
        : ` ${formatCount(skipped, 'file was', 'files were')} left out; Activity says why.`;
    return [
      { text: `${formatCount(imported, 'picture', 'pictures')} imported.${left}`, error: null },
    ];
  });
}

const promptCharacters = 60;

function shortened(prompt: string): string {
  return prompt.length > promptCharacters ? `${prompt.slice(0, promptCharacters)}…` : prompt;
}
