/** The queue, what the engine did, and every network request (normally none). */
import { CircleStop, FolderOutput, ListChecks, Pause, Play, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { ActivityEntry } from '../../../contract/system.ts';
import { useActivity, useExports, useQueue } from '../../app/queries.ts';
import { feedKeys } from '../../app/feeds.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Segments } from '../../ui/field.tsx';
import { formatDate } from '../../ui/format.ts';
import { ExportJobs } from '../exporting/export-jobs.tsx';
import styles from './activity-screen.module.css';
import { QueueList } from './queue-list.tsx';

type View = 'queue' | 'exports' | 'log' | 'network';

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
            { value: 'exports', label: 'Exports' },
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
        {view === 'exports' && <Exports />}
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

function Exports() {
  const { open } = useWindow();
  const jobs = useExports();
  if (!jobs) return <div aria-busy="true" />;
  if (jobs.length > 0)
    return (
      <div className={styles.column}>
        <ExportJobs jobs={jobs} />
      </div>
    );
  return (
    <EmptyState
      icon={FolderOutput}
      title="No exports"
      action={<Button onClick={() => open('gallery')}>Choose pictures</Button>}
    >
      Pictures that you hand over as files, a ZIP, a contact sheet or a web page are listed here.
    </EmptyState>
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
