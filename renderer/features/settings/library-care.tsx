import { HardDriveDownload, Stethoscope } from 'lucide-react';
import { useState } from 'react';
import type { CareReport } from '../../../contract/care.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { reportSentences } from './report-sentences.ts';
import styles from './settings-screen.module.css';

type Care =
  | { readonly kind: 'idle' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'checked'; readonly report: CareReport }
  | { readonly kind: 'rebuilding'; readonly done: number; readonly total: number };

/** Looks whether the library's files and database agree, and makes the database anew if not. */
export function LibraryCare() {
  const { client, toasts } = useWindow();
  const [care, setCare] = useState<Care>({ kind: 'idle' });
  const isBusy = care.kind === 'checking' || care.kind === 'rebuilding';

  const check = async () => {
    setCare({ kind: 'checking' });
    const run = async () => {
      for await (const event of client['library.check']({}))
        if (event.kind === 'report') setCare({ kind: 'checked', report: event.report });
    };
    if (!(await toasts.watch(run()))) setCare({ kind: 'idle' });
  };
  const rebuild = async () => {
    setCare({ kind: 'rebuilding', done: 0, total: 0 });
    const run = async () => {
      let read = 0;
      for await (const { done, total } of client['library.rebuild']({})) {
        read = done;
        setCare({ kind: 'rebuilding', done, total });
      }
      toasts.say(`The database was made anew from ${formatCount(read, 'file', 'files')}.`);
    };
    await toasts.watch(run());
    setCare({ kind: 'idle' });
  };

  return (
    <div className={styles.care}>
      <span>
        <Button
          icon={Stethoscope}
          disabled={isBusy}
          tip="Compares every file with the database; nothing is changed"
          onClick={() => void check()}
        >
          {care.kind === 'checking' ? 'Checking…' : 'Check the library'}
        </Button>
        <Button
          icon={HardDriveDownload}
          disabled={isBusy}
          tip="Reads every picture file again and makes a new database from their recipes; the files stay as they are"
          onClick={() => void rebuild()}
        >
          Rebuild from files
        </Button>
      </span>
      <div role="status">
        {care.kind === 'checked' &&
          reportSentences(care.report).map((text) => <p key={text}>{text}</p>)}
        {care.kind === 'rebuilding' && (
          <>
            <p>
              {care.total > 0
                ? `${care.done} of ${formatCount(care.total, 'file', 'files')}`
                : 'Looking for files…'}
            </p>
            <ProgressBar
              label="Rebuilding"
              fraction={care.total > 0 ? care.done / care.total : null}
            />
          </>
        )}
      </div>
    </div>
  );
}
