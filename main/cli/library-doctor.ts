/** `atelier library doctor`: whether the library is sound, and mending what is not. */
import type { CareProgress, CareReport } from '../../contract/care.ts';
import { StudioError } from '../../contract/errors.ts';
import type { StudioClient } from '../../contract/studio.ts';
import { openStudio, type StudioOptions } from './open-studio.ts';
import { createStatusLine } from './status-line.ts';

export interface LibraryDoctorOptions extends StudioOptions {
  readonly fix?: boolean;
  readonly json?: boolean;
}

/** @returns true if nothing is wrong any more */
export async function libraryDoctor(
  options: LibraryDoctorOptions,
  signal: AbortSignal,
): Promise<boolean> {
  await using studio = await openStudio(options);
  const fixes = options.fix === true;
  const report = await reportOf(studio.client, fixes ? 'library.fix' : 'library.check', signal);
  process.stdout.write(
    options.json === true ? `${JSON.stringify(report, null, 2)}\n` : sentencesOf(report, fixes),
  );
  return report.found === report.mended;
}

/** Runs a check or a fix to its end, with its progress on standard error. */
export async function reportOf(
  client: StudioClient,
  procedure: 'library.check' | 'library.fix',
  signal: AbortSignal,
): Promise<CareReport> {
  using status = createStatusLine(process.stderr);
  for await (const event of client[procedure]({}, { signal })) {
    if (event.kind === 'report') return event.report;
    status.show(describeCare(event));
  }
  throw new StudioError('internal', 'The check ended without a report. Restart Atelier.');
}

const phases: Readonly<Record<CareProgress['phase'], string>> = {
  database: 'looking at the database',
  files: 'looking for files',
  pictures: 'pictures',
  marks: 'marks and albums',
  mending: 'mending',
  verifying: 'verifying',
};

export function describeCare({ phase, done, total }: CareProgress): string {
  return total === 0 ? phases[phase] : `${phases[phase]}: ${done} of ${total}`;
}

function sentencesOf(
  { images, trashed, findings, found, mended }: CareReport,
  fixes: boolean,
): string {
  const lines = findings.map(({ message, remedy, isMended }) => {
    const what = isMended ? 'mended ' : 'problem';
    return `${what}  ${message}${remedy === null ? '' : fixes ? ` ${remedy}` : ` With --fix: ${remedy}`}`;
  });
  if (found > findings.length) lines.push(`… and ${found - findings.length} more`);
  const verdict =
    found === 0
      ? 'Everything is in order.'
      : fixes
        ? `${mended} of ${found} mended.`
        : `${found} found. Nothing was changed.`;
  return `${[`pictures ${images}, in the trash ${trashed}`, ...lines, verdict].join('\n')}\n`;
}
