import { X } from 'lucide-react';
import { useEffect } from 'react';
import type { ExportJob } from '../../contract/exports.ts';
import { jobFraction, queuedJobs, runningJob } from '../features/create/stage.ts';
import { phaseTitle } from '../features/create/phase-title.ts';
import { exportFraction, exportInFront } from '../features/exporting/export-words.ts';
import type { Upload } from '../features/importing/uploads.ts';
import type { WritingProgress } from '../features/write/writing-progress.ts';
import { formatCount, formatRate, formatRemaining } from '../ui/format.ts';
import { IconButton } from '../ui/button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { useEngine, useExports, useQueue } from './queries.ts';
import styles from './shell.module.css';
import { useStore } from './store.ts';
import { useWindow } from './window-model.ts';
import { WritingStatus } from './writing-status.tsx';

/** Queue progress, speed and time left; quiet when nothing runs. */
export function StatusLine() {
  const { desk, chats, uploads } = useWindow();
  const queue = useQueue();
  const engine = useEngine();
  const runs: readonly WritingRun<WritingProgress | null>[] = [
    { progress: useStore(desk.coWriter.progress), stop: () => void desk.coWriter.stop() },
    { progress: useStore(chats.progress), stop: () => void chats.stop() },
  ];
  const run = runs.find(isRunning);
  const job = runningJob(queue);
  const queued = queuedJobs(queue).length;
  const exporting = exportInFront(useExports());
  const upload = useStore(uploads.state);
  const fraction = job ? jobFraction(job) : null;
  const title = fraction === null ? 'Atelier' : `${Math.round(fraction * 100)} % · Atelier`;
  // Seen in the task bar while another window is in front.
  useEffect(() => {
    document.title = title;
  }, [title]);

  return (
    <footer className={styles.status} aria-label="Status">
      <span className="visually-hidden" role="status">
        {job ? `Drawing ${job.request.prompt}` : 'Ready'}
      </span>
      {job ? (
        <>
          <span className={styles.statusBar}>
            <ProgressBar label="Running job" fraction={fraction} />
          </span>
          <strong>{phaseTitle(job)}</strong>
          {job.request.count > 1 && (
            <span>
              Picture {(job.progress?.picture ?? 0) + 1} of {job.request.count}
            </span>
          )}
          {job.progress?.stepsPerSecond != null && (
            <span>{formatRate(job.progress.stepsPerSecond, 'it')}</span>
          )}
          {job.progress?.remainingMs != null && (
            <span>{formatRemaining(job.progress.remainingMs)}</span>
          )}
        </>
      ) : run ? (
        <WritingStatus progress={run.progress} onStop={run.stop} />
      ) : (
        <span>{engine?.state === 'stopped' ? 'The engine is stopped' : 'Ready'}</span>
      )}
      {upload && <UploadStatus upload={upload} />}
      {exporting && <ExportStatus job={exporting} />}
      {queue?.paused && <strong>Queue paused</strong>}
      {queued > 0 && <span>{formatCount(queued, 'job', 'jobs')} waiting</span>}
      <span className={styles.statusEnd}>
        <span data-tip="Models run on this machine. Nothing you make or type leaves it.">
          Local
        </span>
      </span>
    </footer>
  );
}

interface WritingRun<Progress> {
  readonly progress: Progress;
  readonly stop: () => void;
}

const isRunning = (run: WritingRun<WritingProgress | null>): run is WritingRun<WritingProgress> =>
  run.progress !== null && run.progress.state !== 'ended';

function UploadStatus({ upload }: { readonly upload: Upload }) {
  const { uploads } = useWindow();
  return (
    <span className={styles.statusExport}>
      <span className={styles.statusBar}>
        <ProgressBar label="Import" fraction={upload.done / upload.total} />
      </span>
      <strong>Importing</strong>
      <span>
        {upload.done.toLocaleString('en')} of {upload.total.toLocaleString('en')}
      </span>
      <IconButton
        icon={X}
        label="Cancel the import"
        tip="What came in stays"
        onClick={uploads.cancel}
      />
    </span>
  );
}

function ExportStatus({ job }: { readonly job: ExportJob }) {
  const { open } = useWindow();
  const { done, total, remainingMs } = job.progress;
  return (
    <button
      type="button"
      className={styles.statusExport}
      data-tip="Shows the exports in Activity"
      onClick={() => open('activity')}
    >
      <span className={styles.statusBar}>
        <ProgressBar label="Export" fraction={exportFraction(job)} />
      </span>
      <strong>{job.state === 'paused' ? 'Export stands still' : 'Exporting'}</strong>
      <span>
        {done.toLocaleString('en')} of {total.toLocaleString('en')}
      </span>
      {job.state === 'running' && remainingMs !== null && (
        <span>{formatRemaining(remainingMs)}</span>
      )}
    </button>
  );
}
