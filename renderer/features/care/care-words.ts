/** The library's care in words. Pure. */
import type { CareProgress, CareReport, CopyReport } from '../../../contract/care.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';

const findingsShown = 50;

type Work = 'check' | 'fix' | 'rebuild' | 'backup' | 'restore' | 'merge';

const workTitles: Readonly<Record<Work, string>> = {
  check: 'Checking',
  fix: 'Checking',
  rebuild: 'Reading files',
  backup: 'Backing up',
  restore: 'Restoring',
  merge: 'Taking over',
};

const phaseTitles: Readonly<Record<CareProgress['phase'], string>> = {
  database: 'database',
  files: 'files',
  pictures: 'pictures',
  marks: 'marks and albums',
  mending: 'mending',
  verifying: 'verifying',
};

export function phaseTitle(work: Work, progress: CareProgress | null): string {
  if (!progress) return `${workTitles[work]}…`;
  const { phase, done, total } = progress;
  const count = total > 0 ? `, ${done.toLocaleString('en')} of ${total.toLocaleString('en')}` : '';
  return `${workTitles[work]}: ${phaseTitles[phase]}${count}`;
}

export function reportSentences({
  images,
  trashed,
  findings,
  found,
  mended,
}: CareReport): string[] {
  const counted = `${formatCount(images, 'picture', 'pictures')}, ${trashed.toLocaleString('en')} in the trash.`;
  if (found === 0) return [`${counted} Everything is in order.`];
  const shown = findings.slice(0, findingsShown);
  return [
    `${counted} ${formatCount(found, 'thing is', 'things are')} not in order${mended > 0 ? `, ${mended.toLocaleString('en')} of them mended` : ''}.`,
    ...shown.map(({ message, remedy, isMended }) =>
      [isMended ? 'Mended:' : '', message, remedy ?? ''].filter((part) => part !== '').join(' '),
    ),
    ...(found > shown.length
      ? [`There are ${(found - shown.length).toLocaleString('en')} more.`]
      : []),
  ];
}

export function copySentences(work: Work, report: CopyReport): string[] {
  const { pictures, bytes, alreadyThere, marks, albums, problems } = report;
  const done = { backup: 'backed up', restore: 'restored', merge: 'taken over' }[
    work === 'backup' || work === 'restore' ? work : 'merge'
  ];
  return [
    `${formatCount(pictures, 'picture', 'pictures')} ${done} (${formatBytes(bytes)}), ${alreadyThere.toLocaleString('en')} there already.`,
    ...(marks + albums > 0
      ? [
          `Marks of ${formatCount(marks, 'picture', 'pictures')} and ${formatCount(albums, 'album', 'albums')} changed.`,
        ]
      : []),
    ...problems,
  ];
}
