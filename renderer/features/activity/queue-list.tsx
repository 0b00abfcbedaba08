import {
  ArrowDown,
  ArrowUp,
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  LoaderCircle,
  RotateCcw,
  X,
  type LucideIcon,
} from 'lucide-react';
import type { Job, JobState } from '../../../contract/queue.ts';
import { useModels } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import {
  formatCount,
  formatDate,
  formatDuration,
  formatRate,
  formatRemaining,
} from '../../ui/format.ts';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { phaseTitle } from '../create/phase-title.ts';
import { jobFraction } from '../create/stage.ts';
import rowStyles from '../../ui/job-row.module.css';
import styles from './activity-screen.module.css';
import { JobFailure } from './job-failure.tsx';
import { moveTarget } from './queue-order.ts';

const icons: Readonly<Record<JobState, LucideIcon>> = {
  queued: CircleDashed,
  running: LoaderCircle,
  done: CircleCheck,
  failed: CircleAlert,
  cancelled: Ban,
};

const stateTitles: Readonly<Record<JobState, string>> = {
  queued: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const groups: readonly { readonly title: string; readonly states: readonly JobState[] }[] = [
  { title: 'Now', states: ['running'] },
  { title: 'Waiting', states: ['queued'] },
  { title: 'Finished', states: ['done', 'failed', 'cancelled'] },
];

export function QueueList({ jobs }: { readonly jobs: readonly Job[] }) {
  return (
    <div className={styles.column}>
      {groups.map(({ title, states }) => {
        const own = jobs.filter(({ state }) => states.includes(state));
        if (own.length === 0) return null;
        return (
          <section key={title} aria-label={title}>
            <h2>{title}</h2>
            <ul className={rowStyles.jobs}>
              {own.map((job) => (
                <JobRow key={job.id} job={job} jobs={jobs} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function JobRow({ job, jobs }: { readonly job: Job; readonly jobs: readonly Job[] }) {
  const { client, open, selection, toasts } = useWindow();
  const models = useModels();
  const { id, state, request } = job;
  const Icon = icons[state];
  const isOpen = state === 'running' || state === 'queued';
  const watch = (action: Promise<unknown>) => void toasts.watch(action);
  const move = (direction: 'up' | 'down') => {
    const before = moveTarget(jobs, id, direction);
    if (before !== undefined) watch(client['queue.move']({ id, before }));
  };
  const remove = () =>
    watch(isOpen ? client['queue.cancel']({ id }) : client['queue.remove']({ id }));
  const newest = job.imageIds.at(-1);

  return (
    <li
      className={rowStyles.job}
      data-state={state}
      tabIndex={0}
      aria-label={`${stateTitles[state]}: ${request.prompt || 'no prompt'}`}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        if (event.altKey && event.key === 'ArrowUp') move('up');
        else if (event.altKey && event.key === 'ArrowDown') move('down');
        else if (event.key === 'ArrowDown') focusRow(event.currentTarget, 1);
        else if (event.key === 'ArrowUp') focusRow(event.currentTarget, -1);
        else if (event.key === 'Delete' || event.key === 'Backspace') remove();
        else if (event.key === 'Enter' && newest) {
          selection.set({ kind: 'image', id: newest });
          open('create');
        } else return;
        event.preventDefault();
      }}
    >
      <Icon aria-hidden />
      <span className={rowStyles.title}>{request.prompt || 'No prompt'}</span>
      <span className={rowStyles.facts}>
        {factsOf(
          job,
          models?.find((model) => model.id === request.modelId)?.name ?? request.modelId,
        )}
      </span>
      <span className={rowStyles.actions}>
        {state === 'queued' && (
          <>
            <IconButton
              icon={ArrowUp}
              label="Move up"
              disabled={moveTarget(jobs, id, 'up') === undefined}
              onClick={() => move('up')}
            />
            <IconButton
              icon={ArrowDown}
              label="Move down"
              disabled={moveTarget(jobs, id, 'down') === undefined}
              onClick={() => move('down')}
            />
          </>
        )}
        {state === 'cancelled' && (
          <IconButton
            icon={RotateCcw}
            label="Try again"
            tip="Puts the job back; finished pictures are not made again"
            onClick={() => watch(client['queue.retry']({ id }))}
          />
        )}
        <IconButton
          icon={X}
          label={isOpen ? 'Cancel' : 'Remove from the list'}
          tip={
            isOpen
              ? 'Cancels it; finished pictures are kept'
              : 'Takes it off this list; its pictures stay'
          }
          onClick={remove}
        />
      </span>
      {state === 'running' && (
        <div className={rowStyles.progress}>
          <ProgressBar label={phaseTitle(job)} fraction={jobFraction(job)} />
        </div>
      )}
      {state === 'failed' && (
        <div className={styles.failure}>
          <JobFailure job={job} />
        </div>
      )}
    </li>
  );
}

function focusRow(row: HTMLElement, by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(`.${rowStyles.job}`)];
  rows[rows.indexOf(row) + by]?.focus();
}

function factsOf(job: Job, modelName: string): string {
  const { request, progress, state } = job;
  const facts = [
    `${request.width} × ${request.height}`,
    request.grid ? 'grid' : `${request.steps} steps`,
    `seed ${request.seed}`,
    modelName,
  ];
  // The sheet of a grid is one more.
  const made = Math.min(job.imageIds.length, request.count);
  if (request.count > 1)
    facts.unshift(`${made} of ${formatCount(request.count, 'picture', 'pictures')}`);
  if (state === 'running') {
    facts.unshift(phaseTitle(job));
    if (progress?.stepsPerSecond != null) facts.push(formatRate(progress.stepsPerSecond, 'it'));
    if (progress?.remainingMs != null) facts.push(formatRemaining(progress.remainingMs));
  }
  if (job.startedAt !== null && job.finishedAt !== null)
    facts.push(formatDuration(job.finishedAt - job.startedAt), formatDate(job.finishedAt));
  if (state === 'cancelled') facts.unshift('Cancelled');
  return facts.join(' · ');
}
