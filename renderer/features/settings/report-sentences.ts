/** What a check of the library found, for people. Pure. */
import type { CareReport } from '../../../contract/care.ts';
import { formatCount } from '../../ui/format.ts';

const findingsShown = 20;

export function reportSentences({ images, trashed, findings, found }: CareReport): string[] {
  const counted = `${formatCount(images, 'picture', 'pictures')}, ${trashed.toLocaleString('en')} in the trash.`;
  if (found === 0) return [`${counted} Everything is in order.`];
  const shown = findings.slice(0, findingsShown);
  const more = found - shown.length;
  return [
    counted,
    ...shown.map(({ message, remedy }) => (remedy === null ? message : `${message} ${remedy}`)),
    ...(more > 0 ? [`There are ${more.toLocaleString('en')} more.`] : []),
  ];
}
