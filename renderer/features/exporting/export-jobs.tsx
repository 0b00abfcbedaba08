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
import { TransferRow } from '../../ui/transfer-row.tsx';
import { exportFraction, factsOfExport, reportText, titleOfExport } from './export-words.ts';

const icons: Readonly<Record<ExportState, LucideIcon>> = {
  queued: CircleDashed,
  running: LoaderCircle,
  paused: Pause,
  done: CircleCheck,
  failed: CircleAlert,
  cancelled: Ban,
};

export function ExportRow({ job }: { readonly job: ExportJob }) {
  const { client, toasts } = useWindow();
  const canReveal = useStudioInfo()?.canReveal ?? false;
  const { id, state } = job;
  const watch = (action: Promise<unknown>) => void toasts.watch(action);
  const isOpen = state === 'queued' || state === 'running' || state === 'paused';
  const { failed } = job.progress;
  const copy = async () => {
    const { files } = await client['exports.report']({ id, outcome: 'failed', limit: 5000 });
    await navigator.clipboard.writeText(reportText(files));
    toasts.say('Report copied');
  };

  return (
    <TransferRow
      icon={icons[state]}
      state={state}
      title={titleOfExport(job)}
      facts={factsOfExport(job)}
      trouble={(job.error ?? job.pausedBecause)?.message ?? null}
      progress={
        isOpen && state !== 'queued' ? (
          <ProgressBar label={titleOfExport(job)} fraction={exportFraction(job)} />
        ) : null
      }
      actions={
        <>
          {(state === 'running' || state === 'queued') && (
            <IconButton
              icon={Pause}
              label="Pause"
              tip="Finishes the pictures in progress and waits"
              onClick={() => watch(client['exports.pause']({ id }))}
            />
          )}
          {(state === 'paused' || state === 'failed' || state === 'cancelled') && (
            <IconButton
              icon={state === 'paused' ? Play : RotateCcw}
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
        </>
      }
      losses={
        job.failures.length > 0
          ? {
              title: failed === 1 ? '1 picture failed' : `${failed} pictures failed`,
              rows: job.failures.map(({ id: image, fileName, error }) => ({
                name: fileName || image,
                reason: error.message,
              })),
              more: failed - job.failures.length,
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
