/** Tells of what went wrong while the person was looking elsewhere. */
import { StudioError } from '../../contract/errors.ts';
import type { Job, QueueSnapshot } from '../../contract/queue.ts';
import type { EngineStatus } from '../../contract/system.ts';

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

const promptCharacters = 60;

function shortened(prompt: string): string {
  return prompt.length > promptCharacters ? `${prompt.slice(0, promptCharacters)}…` : prompt;
}
