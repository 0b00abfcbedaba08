/** The queue, what the engine did, and every network request (normally none). */
import { ArrowRightLeft, CircleStop, ListChecks, Pause, Play, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { ActivityEntry } from '../../../contract/system.ts';
import { useActivity, useExports, useImports, useQueue } from '../../app/queries.ts';
import { feedKeys } from '../../app/feeds.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Segments } from '../../ui/field.tsx';
import { formatDate } from '../../ui/format.ts';
import { ExportRow } from '../exporting/export-jobs.tsx';
import { ImportRow } from '../importing/import-jobs.tsx';
import { TransferList } from '../../ui/transfer-row.tsx';
import styles from './activity-screen.module.css';
import { QueueList } from './queue-list.tsx';

type View = 'queue' | 'files' | 'log' | 'network';

export function ActivityScreen() {
  const { client, toasts } = useWindow();
  const [view, setView] = useState<View>('queue');
  const queue = useQueue();
  const isPaused = queue?.paused ?? false;
  const hasOpenJobs =
    queue?.jobs.some(({ state }) => state === 'running' || state === 'queued') ?? false;

  return (
    <div className={styles.screen}>
      <div className={styles.tools} role="toolbar" aria-label="Activity">
        <Segments
          label="What to show"
          value={view}
          options={[
            { value: 'queue', label: 'Queue' },
            { value: 'files', label: 'Files' },
            { value: 'log', label: 'History' },
            { value: 'network', label: 'Network' },
          ]}
          onChange={setView}
        />
        {view === 'queue' && (
          <div className={styles.toolsEnd}>
            <Button
              icon={isPaused ? Play : Pause}
              tip={
                isPaused ? 'Starts the next job' : 'Lets the running job finish and starts no other'
              }
              onClick={() => void toasts.watch(client['queue.setPaused']({ paused: !isPaused }))}
            >
              {isPaused ? 'Resume' : 'Pause'}
            </Button>
            <Button
              icon={CircleStop}
              disabled={!hasOpenJobs}
              tip="Cancels the running job and everything that waits; each can be retried"
              onClick={() => void toasts.watch(client['queue.cancelAll']({}))}
            >
              Cancel all
            </Button>
          </div>
        )}
      </div>
      <div className={styles.body}>
        {view === 'queue' && queue && <QueueView jobs={queue.jobs} />}
        {view === 'files' && <Files />}
        {view === 'log' && <Log onlyNetwork={false} />}
        {view === 'network' && <Log onlyNetwork />}
      </div>
    </div>
  );
}

function QueueView({ jobs }: { readonly jobs: Parameters<typeof QueueList>[0]['jobs'] }) {
  const { open } = useWindow();
  if (jobs.length > 0) return <QueueList jobs={jobs} />;
  return (
    <EmptyState
      icon={ListChecks}
      title="Nothing to do"
      action={
        <Button variant="primary" onClick={() => open('create')}>
          Draw something
        </Button>
      }
    >
      Pictures you ask for wait here for their turn, and finished ones stay listed for a while.
    </EmptyState>
  );
}

/** Pictures on their way in and out. */
function Files() {
  const { open, importing } = useWindow();
  const imports = useImports();
  const exports = useExports();
  if (!imports || !exports) return <div aria-busy="true" />;
  if (imports.length + exports.length === 0)
    return (
      <EmptyState
        icon={ArrowRightLeft}
        title="Nothing came or went"
        action={
          <span className={styles.choices}>
            <Button onClick={() => importing.set(true)}>Import pictures</Button>
            <Button onClick={() => open('gallery')}>Choose some to export</Button>
          </span>
        }
      >
        Imports and exports are listed here while they run, and for a while after.
      </EmptyState>
    );
  return (
    <div className={styles.column}>
      {imports.length > 0 && (
        <>
          <h2>Imports</h2>
          <TransferList label="Imports">
            {imports.map((job) => (
              <ImportRow key={job.id} job={job} />
            ))}
          </TransferList>
        </>
      )}
      {exports.length > 0 && (
        <>
          <h2>Exports</h2>
          <TransferList label="Exports">
            {exports.map((job) => (
              <ExportRow key={job.id} job={job} />
            ))}
          </TransferList>
        </>
      )}
    </div>
  );
}

const kindTitles: Readonly<Record<ActivityEntry['kind'], string>> = {
  engine: 'Engine',
  job: 'Job',
  library: 'Library',
  network: 'Network',
};

const pageSize = 200;

function Log({ onlyNetwork }: { readonly onlyNetwork: boolean }) {
  const { client, queries, toasts } = useWindow();
  const { data, error } = useActivity();
  const [isAtEnd, setIsAtEnd] = useState(false);
  if (error)
    return (
      <EmptyState icon={ShieldCheck} title="The history could not be read">
        {error.message}
      </EmptyState>
    );
  if (!data) return <div aria-busy="true" />;
  const entries = onlyNetwork ? data.filter(({ kind }) => kind === 'network') : data;
  const oldest = data.at(-1);

  if (entries.length === 0) {
    return onlyNetwork ? (
      <EmptyState icon={ShieldCheck} title="No network requests, ever">
        Atelier works on this machine alone. If anything tried to reach the network, it would be
        listed here.
      </EmptyState>
    ) : (
      <EmptyState icon={ListChecks} title="Nothing has happened yet">
        Starts of the engine, finished jobs and changes of the library are noted here.
      </EmptyState>
    );
  }
  const readMore = async () => {
    await toasts.watch(
      client['activity.page']({ before: oldest?.id ?? null, limit: pageSize }).then((older) => {
        if (older.length < pageSize) setIsAtEnd(true);
        queries.setQueryData<ActivityEntry[]>(feedKeys.activity, (known) => [
          ...(known ?? []),
          ...older,
        ]);
      }),
    );
  };
  return (
    <div className={styles.column}>
      <ol className={styles.log}>
        {entries.map(({ id, at, kind, level, text }) => (
          <li key={id} className={styles.entry} data-level={level}>
            <time dateTime={new Date(at).toISOString()}>{formatDate(at)}</time>
            <span>{kindTitles[kind]}</span>
            <p data-selectable>{text}</p>
          </li>
        ))}
      </ol>
      {!isAtEnd && data.length >= pageSize && (
        <div className={styles.more}>
          <Button onClick={() => void readMore()}>Show older</Button>
        </div>
      )}
    </div>
  );
}
