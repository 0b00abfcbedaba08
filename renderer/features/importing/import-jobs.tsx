/** Imports that run and that ran, with the files that were left out and why. */
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  Copy,
  LoaderCircle,
  X,
  type LucideIcon,
} from 'lucide-react';
import type { ImportJob, ImportState } from '../../../contract/imports.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { TransferRow } from '../../ui/transfer-row.tsx';
import { factsOfImport, importFraction, titleOfImport } from './import-words.ts';

const icons: Readonly<Record<ImportState, LucideIcon>> = {
  queued: CircleDashed,
  running: LoaderCircle,
  done: CircleCheck,
  failed: CircleAlert,
  cancelled: Ban,
};

export function ImportRow({ job }: { readonly job: ImportJob }) {
  const { client, toasts } = useWindow();
  const { id, state } = job;
  const isOpen = state === 'queued' || state === 'running';
  const { skipped } = job.progress;
  const copy = async () => {
    const { files } = await client['imports.report']({ id, outcome: 'skipped', limit: 5000 });
    await navigator.clipboard.writeText(
      files
        .flatMap((file) => (file.outcome === 'skipped' ? [`${file.path}\t${file.reason}`] : []))
        .join('\n'),
    );
    toasts.say('Report copied');
  };
  return (
    <TransferRow
      icon={icons[state]}
      state={state}
      title={titleOfImport(job)}
      facts={factsOfImport(job)}
      trouble={job.error?.message ?? null}
      progress={
        state === 'running' ? (
          <ProgressBar label={titleOfImport(job)} fraction={importFraction(job)} />
        ) : null
      }
      actions={
        <IconButton
          icon={X}
          label={isOpen ? 'Cancel' : 'Remove from the list'}
          tip={isOpen ? 'Ends it; what came in stays' : 'Takes it off this list; its pictures stay'}
          onClick={() =>
            void toasts.watch(client[isOpen ? 'imports.cancel' : 'imports.remove']({ id }))
          }
        />
      }
      losses={
        job.skips.length > 0
          ? {
              title: skipped === 1 ? '1 file was left out' : `${skipped} files were left out`,
              rows: job.skips.map(({ path, reason }) => ({ name: path, reason })),
              more: skipped - job.skips.length,
              action: (
                <Button icon={Copy} onClick={() => void toasts.watch(copy())}>
                  Copy the report
                </Button>
              ),
            }
          : null
      }
    />
  );
}
