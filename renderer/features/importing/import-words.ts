/** Imports in words. Pure. */
import type { ImportJob, WatchedFolder } from '../../../contract/imports.ts';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatRate,
  formatRemaining,
} from '../../ui/format.ts';
import type { Upload } from './uploads.ts';

export function uploadSentence({ imported, duplicates, skips }: Upload): string {
  const parts = [
    `${formatCount(imported.length, 'picture', 'pictures')} imported.`,
    ...(duplicates.length > 0
      ? [`${formatCount(duplicates.length, 'is', 'are')} in the library already.`]
      : []),
    ...(skips.length > 0
      ? [
          `${formatCount(skips.length, 'file was', 'files were')} left out: ${skips[0]?.reason ?? ''}`,
        ]
      : []),
  ];
  return parts.join(' ');
}

export function titleOfImport({ origin }: ImportJob): string {
  switch (origin.kind) {
    case 'paths': {
      const [first = '', ...others] = origin.paths;
      return others.length === 0 ? first : `${first} and ${others.length} more`;
    }
    case 'watched':
      return `Watched: ${origin.path}`;
    default:
      return origin satisfies never;
  }
}

/** 0 to 1; null while files are being looked for. */
export function importFraction({ progress }: ImportJob): number | null {
  return progress.phase === 'scanning' || progress.found === 0
    ? null
    : progress.done / progress.found;
}

const stateWords: Readonly<Record<ImportJob['state'], string | null>> = {
  queued: 'Waiting',
  running: null,
  done: null,
  cancelled: 'Cancelled',
  failed: 'Failed',
};

export function factsOfImport(job: ImportJob): string {
  const { state, progress, finishedAt, createdAt } = job;
  const isRunning = state === 'running';
  const facts = [
    isRunning
      ? progress.phase === 'scanning'
        ? `Looking for pictures, ${progress.found.toLocaleString('en')} so far`
        : `${progress.done.toLocaleString('en')} of ${progress.found.toLocaleString('en')}`
      : stateWords[state],
    `${formatCount(progress.imported, 'picture', 'pictures')} imported`,
    progress.duplicates > 0 ? `${progress.duplicates} known already` : null,
    progress.bytes > 0 ? formatBytes(progress.bytes) : null,
    isRunning && progress.filesPerSecond !== null
      ? formatRate(progress.filesPerSecond, 'files')
      : null,
    isRunning && progress.remainingMs !== null ? formatRemaining(progress.remainingMs) : null,
    finishedAt === null
      ? null
      : `${formatDuration(finishedAt - createdAt)} · ${formatDate(finishedAt)}`,
  ];
  return facts.filter((fact) => fact !== null).join(' · ');
}

export function factsOfFolder({
  state,
  problem,
  imported,
  lastScanAt,
  into,
}: WatchedFolder): string {
  const stateWord = {
    scanning: 'Looking through it',
    watching: 'Watched',
    missing: 'Not there now',
    failed: 'Not watched',
  }[state];
  return [
    problem ?? stateWord,
    formatCount(imported, 'picture came', 'pictures came'),
    ...(into.tags.length > 0 ? [`tagged ${into.tags.join(', ')}`] : []),
    ...(lastScanAt === null ? [] : [`looked at ${formatDate(lastScanAt)}`]),
  ].join(' · ');
}

/** Tags as they are typed, with commas between. */
export function tagsOf(text: string): string[] {
  const seen = new Set<string>();
  return text
    .split(',')
    .map((tag) => tag.replaceAll(/\s+/g, ' ').trim())
    .filter((tag) => {
      const key = tag.toLowerCase();
      if (tag === '' || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
