/** Exports in words. Pure. */
import type { ExportedFile, ExportJob } from '../../../contract/exports.ts';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatRate,
  formatRemaining,
} from '../../ui/format.ts';
import { formatSummary, kindTitles, sizeSummary } from './setting-words.ts';

export function titleOfExport({ target, progress, source }: ExportJob): string {
  const total = progress.total > 0 ? progress.total : 'ids' in source ? source.ids : 0;
  const pictures = total > 0 ? `${formatCount(total, 'picture', 'pictures')} → ` : '';
  return `${pictures}${target.path}`;
}

/** 0 to 1; null while the pictures are being found. */
export function exportFraction({ progress }: ExportJob): number | null {
  return progress.total === 0 || progress.phase === 'preparing'
    ? null
    : progress.done / progress.total;
}

const stateWords: Readonly<Record<ExportJob['state'], string | null>> = {
  queued: 'Waiting',
  running: null,
  paused: 'Paused',
  done: null,
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const phaseWords: Readonly<Record<ExportJob['progress']['phase'], string>> = {
  preparing: 'Finding the pictures',
  writing: 'Writing',
  finishing: 'Finishing the file',
};

export function factsOfExport(job: ExportJob): string {
  const { state, progress, target, settings } = job;
  const size = sizeSummary(settings);
  const facts = [
    stateWords[state] ?? (state === 'running' ? phaseWords[progress.phase] : null),
    state === 'done'
      ? `${formatCount(progress.written, 'file', 'files')} written`
      : `${progress.done.toLocaleString('en')} of ${progress.total.toLocaleString('en')}`,
    progress.skipped > 0 ? `${progress.skipped} left out` : null,
    progress.bytes > 0 ? formatBytes(progress.bytes) : null,
    state === 'running' && progress.filesPerSecond !== null
      ? formatRate(progress.filesPerSecond, 'files')
      : null,
    state === 'running' && progress.remainingMs !== null
      ? formatRemaining(progress.remainingMs)
      : null,
    kindTitles[target.kind],
    target.kind === 'contact-sheet' ? null : formatSummary(settings),
    target.kind === 'contact-sheet' ? null : size,
    job.startedAt !== null && job.finishedAt !== null
      ? `${formatDuration(job.finishedAt - job.startedAt)} · ${formatDate(job.finishedAt)}`
      : null,
  ];
  return facts.filter((fact) => fact !== null).join(' · ');
}

/** One line for each picture that failed, for a mail or an issue. */
export function reportText(files: readonly ExportedFile[]): string {
  return files
    .flatMap((file) =>
      file.outcome === 'failed' ? [`${file.fileName || file.id}\t${file.error.message}`] : [],
    )
    .join('\n');
}

/** The one that runs, or else the one that stands still by itself. */
export function exportInFront(jobs: readonly ExportJob[] | undefined): ExportJob | null {
  return (
    jobs?.find(({ state }) => state === 'running') ??
    jobs?.find(({ state, pausedBecause }) => state === 'paused' && pausedBecause !== null) ??
    null
  );
}
