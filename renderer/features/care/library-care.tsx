/** Keeping the library sound: the doctor, backups, another library taken over. One thing at a time. */
import {
  ArchiveRestore,
  CircleStop,
  HardDriveDownload,
  HardDriveUpload,
  Merge,
  Stethoscope,
  Wrench,
} from 'lucide-react';
import { skipToken, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { CareProgress, CareReport, CopyReport } from '../../../contract/care.ts';
import { useFolders, useStudioInfo } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes, formatCount, formatDate } from '../../ui/format.ts';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { copySentences, phaseTitle, reportSentences } from './care-words.ts';
import styles from './library-care.module.css';

type Work = 'check' | 'fix' | 'rebuild' | 'backup' | 'restore' | 'merge';
type Care =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly work: Work; readonly progress: CareProgress | null }
  | { readonly kind: 'checked'; readonly report: CareReport }
  | { readonly kind: 'copied'; readonly work: Work; readonly report: CopyReport };
type CopyWork = 'backup' | 'restore' | 'merge';

const backupKey = 'backup-info';

export function LibraryCare() {
  const { client, queries, toasts } = useWindow();
  const [care, setCare] = useState<Care>({ kind: 'idle' });
  const running = useRef<AbortController | null>(null);
  const isBusy = care.kind === 'running';

  const run = async (work: Work, steps: (signal: AbortSignal) => Promise<Care>) => {
    const controller = new AbortController();
    running.current = controller;
    setCare({ kind: 'running', work, progress: null });
    let result: Care = { kind: 'idle' };
    await toasts.watch(
      steps(controller.signal).then((ended) => {
        result = ended;
      }),
    );
    running.current = null;
    setCare(result);
    // The folder may hold a backup by now.
    void queries.invalidateQueries({ queryKey: [backupKey] });
  };
  const examine = (work: 'check' | 'fix') =>
    run(work, async (signal) => {
      for await (const event of client[`library.${work}`]({}, { signal })) {
        if (event.kind === 'report') return { kind: 'checked', report: event.report };
        setCare({ kind: 'running', work, progress: event });
      }
      return { kind: 'idle' };
    });
  const rebuild = () =>
    run('rebuild', async (signal) => {
      let read = 0;
      for await (const { done, total } of client['library.rebuild']({}, { signal })) {
        read = done;
        setCare({
          kind: 'running',
          work: 'rebuild',
          progress: { kind: 'progress', phase: 'files', done, total },
        });
      }
      toasts.say(`The database was made anew from ${formatCount(read, 'file', 'files')}.`);
      return { kind: 'idle' };
    });
  const copy = (work: CopyWork, folder: string) =>
    run(work, async (signal) => {
      for await (const event of client[`library.${work}`]({ folder }, { signal })) {
        if (event.kind === 'done') return { kind: 'copied', work, report: event.report };
        setCare({ kind: 'running', work, progress: event });
      }
      return { kind: 'idle' };
    });

  return (
    <div className={styles.care}>
      <span className={styles.actions}>
        <Button
          icon={Stethoscope}
          disabled={isBusy}
          tip="Reads every file and compares it with the database; nothing is changed"
          onClick={() => void examine('check')}
        >
          Check the library
        </Button>
        <Button
          icon={Wrench}
          disabled={isBusy}
          tip="Checks and mends what it finds; nothing that you made is thrown away"
          onClick={() => void examine('fix')}
        >
          Mend it
        </Button>
        <Button
          icon={HardDriveDownload}
          disabled={isBusy}
          tip="Reads every picture file again and makes a new database from them; the files stay as they are"
          onClick={() => void rebuild()}
        >
          Rebuild from files
        </Button>
      </span>
      <CopyForms isBusy={isBusy} onCopy={(work, folder) => void copy(work, folder)} />
      <div role="status">
        {care.kind === 'running' && (
          <div className={styles.progress}>
            <p>{phaseTitle(care.work, care.progress)}</p>
            <ProgressBar
              label={phaseTitle(care.work, care.progress)}
              fraction={
                care.progress && care.progress.total > 0
                  ? care.progress.done / care.progress.total
                  : null
              }
            />
            <Button icon={CircleStop} onClick={() => running.current?.abort()}>
              Stop
            </Button>
          </div>
        )}
        {care.kind === 'checked' && (
          <ul className={styles.report}>
            {reportSentences(care.report).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        {care.kind === 'copied' && (
          <ul className={styles.report}>
            {copySentences(care.work, care.report).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function CopyForms({
  isBusy,
  onCopy,
}: {
  readonly isBusy: boolean;
  readonly onCopy: (work: CopyWork, folder: string) => void;
}) {
  const { client, toasts } = useWindow();
  const canChoose = useStudioInfo()?.canChoosePath === true;
  const [folder, setFolder] = useState('');
  const folders = useFolders(folder);
  const isNamed = folder.trim() !== '';
  // A folder that cannot be looked at is told of when something is done with it.
  const backup =
    useQuery({
      queryKey: [backupKey, folder],
      queryFn: isNamed
        ? async ({ signal }) => (await client['library.backupInfo']({ folder }, { signal })).backup
        : skipToken,
      gcTime: 10_000,
    }).data ?? null;
  const choose = () =>
    toasts.watch(
      client['system.choosePath']({
        kind: 'folder',
        title: 'Choose a folder',
        startAt: folder,
      }).then(({ path }) => {
        if (path !== null) setFolder(path);
      }),
    );

  return (
    <div className={styles.copies}>
      <TextField
        label="Backup, or another library"
        tip="A folder of this machine, best on another disk."
        stacked
        value={folder}
        suggestions={folders}
        placeholder="A folder on another disk"
        onChoose={canChoose ? () => void choose() : null}
        onChange={setFolder}
      />
      {backup && (
        <p>
          A backup of {formatDate(backup.createdAt)}:{' '}
          {formatCount(backup.pictures, 'picture', 'pictures')}, {formatBytes(backup.bytes)}.
          {backup.isInterrupted ? ' A later one was not finished; this one is whole.' : ''}
        </p>
      )}
      <span className={styles.actions}>
        <Button
          icon={HardDriveUpload}
          disabled={isBusy || !isNamed}
          tip="Copies what is new since the last backup into the folder"
          onClick={() => onCopy('backup', folder)}
        >
          Back up to it
        </Button>
        <Button
          icon={ArchiveRestore}
          disabled={isBusy || backup === null}
          tip="Brings back what the backup has and this library has not; nothing is overwritten"
          onClick={() => onCopy('restore', folder)}
        >
          Restore from it
        </Button>
        <Button
          icon={Merge}
          disabled={isBusy || !isNamed || backup !== null}
          tip="Takes over the pictures, marks and albums of another library; of each mark the newer one wins"
          onClick={() => onCopy('merge', folder)}
        >
          Take that library over
        </Button>
      </span>
    </div>
  );
}
