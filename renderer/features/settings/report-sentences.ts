/** What a check of the library found, for people. Pure. */
import type { LibraryReport } from '../../../contract/images.ts';
import { formatCount } from '../../ui/format.ts';

const namesShown = 3;

export function reportSentences(report: LibraryReport): string[] {
  const { images, trashed, missingFiles, orphanFiles, changedFiles, integrity } = report;
  const problems = [
    ...(integrity === 'ok'
      ? []
      : [`The database is damaged (${integrity}). Rebuild it from the files.`]),
    ...found(
      missingFiles,
      'file is gone',
      'files are gone',
      'Put them back, or delete their entries in the gallery.',
    ),
    ...found(
      orphanFiles,
      'file is not in the database',
      'files are not in the database',
      'Rebuild from files to take them in.',
    ),
    ...found(
      changedFiles,
      'file was changed outside',
      'files were changed outside',
      'Rebuild from files to note their new content.',
    ),
  ];
  const counted = `${formatCount(images, 'picture', 'pictures')}, ${trashed.toLocaleString('en')} in the trash.`;
  return problems.length === 0 ? [`${counted} Everything is in order.`] : [counted, ...problems];
}

function found(files: readonly string[], one: string, many: string, remedy: string): string[] {
  if (files.length === 0) return [];
  const names = files.slice(0, namesShown).join(', ') + (files.length > namesShown ? ', …' : '');
  return [`${formatCount(files.length, one, many)}: ${names}. ${remedy}`];
}
