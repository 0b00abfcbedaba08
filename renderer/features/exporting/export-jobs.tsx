/** Exports that run and that ran: how far, how fast, what failed and why. */
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  Copy,
  FolderOpen,
  LoaderCircle,
  Pause,
  Play,
  RotateCcw,
  X,
  type LucideIcon,
} from 'lucide-react';
import type { ExportJob, ExportState } from '../../../contract/exports.ts';
import { useStudioInfo } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import styles from './export-jobs.module.css';
import { exportFraction, factsOfExport, reportText, titleOfExport } from './export-words.ts';

const icons: Readonly<Record<ExportState, LucideIcon>> = {
  queued: CircleDashed,
  running: LoaderCircle,
  paused: Pause,
  done: CircleCheck,
  failed: CircleAlert,
  cancelled: Ban,
};

export function ExportJobs({ jobs }: { readonly jobs: readonly ExportJob[] }) {
  return (
    <ol className={styles.jobs} aria-label="Exports">
      {jobs.map((job) => (
        <ExportRow key={job.id} job={job} />
      ))}
    </ol>
  );
}

function ExportRow({ job }: { readonly job: ExportJob }) {
  const { client, toasts } = useWindow();
  const canReveal = useStudioInfo()?.canReveal ?? false;
  const { id, state } = job;
  const Icon = icons[state];
  const watch = (action: Promise<unknown>) => void toasts.watch(action);
  const isOpen = state === 'queued' || state === 'running' || state === 'paused';
  const trouble = job.error ?? job.pausedBecause;

  return (
    <li className={styles.job} data-state={state}>
      <Icon aria-hidden />
      <div className={styles.title}>{titleOfExport(job)}</div>
      <div className={styles.facts}>{factsOfExport(job)}</div>
      <span className={styles.actions}>
        {(state === 'running' || state === 'queued') && (
          <IconButton
            icon={Pause}
            label="Pause"
            tip="Finishes the pictures in progress and waits"
            onClick={() => watch(client['exports.pause']({ id }))}
          />
        )}
        {state === 'paused' && (
          <IconButton
            icon={Play}
            label="Go on"
            onClick={() => watch(client['exports.resume']({ id }))}
          />
        )}
        {(state === 'failed' || state === 'cancelled') && (
          <IconButton
            icon={RotateCcw}
            label="Go on"
            tip="Takes it up where it ended; finished files are not made again"
            onClick={() => watch(client['exports.resume']({ id }))}
          />
        )}
        {canReveal && job.progress.written > 0 && (
          <IconButton
            icon={FolderOpen}
            label="Show in folder"
            onClick={() => watch(client['exports.reveal']({ id }))}
          />
        )}
        <IconButton
          icon={X}
          label={isOpen ? 'Cancel' : 'Remove from the list'}
          tip={
            isOpen
              ? 'Ends it; files that are finished stay in a folder'
              : 'Takes it off this list; its files stay'
          }
          onClick={() => watch(client[isOpen ? 'exports.cancel' : 'exports.remove']({ id }))}
        />
      </span>
      {isOpen && state !== 'queued' && (
        <div className={styles.progress}>
          <ProgressBar label={titleOfExport(job)} fraction={exportFraction(job)} />
        </div>
      )}
      {trouble && (
        <p className={styles.trouble} role="alert" data-selectable>
          {trouble.message}
        </p>
      )}
      {job.failures.length > 0 && <Failures job={job} />}
    </li>
  );
}

function Failures({ job }: { readonly job: ExportJob }) {
  const { client, toasts } = useWindow();
  const { failed } = job.progress;
  const copy = async () => {
    const { files } = await client['exports.report']({
      id: job.id,
      outcome: 'failed',
      limit: 5000,
    });
    await navigator.clipboard.writeText(reportText(files));
    toasts.say('Report copied');
  };
  return (
    <details className={styles.failures}>
      <summary>{failed === 1 ? '1 picture failed' : `${failed} pictures failed`}</summary>
      <ul>
        {job.failures.map(({ id, fileName, error }) => (
          <li key={id}>
            <b>{fileName || id}</b> <span data-selectable>{error.message}</span>
          </li>
        ))}
      </ul>
      {failed > job.failures.length && <p>and {failed - job.failures.length} more</p>}
      <Button icon={Copy} onClick={() => void toasts.watch(copy())}>
        Copy the report
      </Button>
    </details>
  );
}
