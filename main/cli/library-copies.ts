/** `atelier library backup | restore | merge`. */
import path from 'node:path';
import type { CopyReport } from '../../contract/care.ts';
import { describeCare } from './library-doctor.ts';
import { openStudio, type StudioOptions } from './open-studio.ts';
import { createStatusLine } from './status-line.ts';

export type Copying = 'backup' | 'restore' | 'merge';

/** @param folder where the backup goes or lies, or the other library */
export async function copyLibrary(
  copying: Copying,
  folder: string,
  options: StudioOptions & { readonly json?: boolean },
  signal: AbortSignal,
): Promise<void> {
  await using studio = await openStudio(options);
  using status = createStatusLine(process.stderr);
  const events = studio.client[`library.${copying}`]({ folder: path.resolve(folder) }, { signal });
  for await (const event of events) {
    if (event.kind === 'progress') {
      status.show(describeCare(event));
      continue;
    }
    status.clear();
    for (const problem of event.report.problems) process.stderr.write(`atelier: ${problem}\n`);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(event.report, null, 2)}\n`
        : `${sentenceOf(event.report)}\n`,
    );
  }
}

function sentenceOf({ pictures, bytes, alreadyThere, marks, albums }: CopyReport): string {
  const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const parts = [
    `${counted(pictures, 'picture')} copied, ${alreadyThere} there already, ${(bytes / 1e6).toFixed(1)} MB`,
    ...(marks > 0 ? [`marks of ${counted(marks, 'picture')}`] : []),
    ...(albums > 0 ? [counted(albums, 'album')] : []),
  ];
  return `${parts.join('; ')}.`;
}
