/** `atelier doctor`: whether everything that a picture or a paragraph needs is in order. */
import { StudioError } from '../../contract/errors.ts';
import type { CareReport } from '../../contract/care.ts';
import type { Model } from '../../contract/models.ts';
import type { DocumentsReport } from '../../contract/projects.ts';
import type { StudioClient } from '../../contract/studio.ts';
import type { EngineStatus, StudioInfo } from '../../contract/system.ts';
import { reportOf } from './library-doctor.ts';
import { openStudio, type StudioOptions } from './open-studio.ts';

export interface DoctorOptions extends StudioOptions {
  readonly json?: boolean;
}

interface Diagnosis {
  readonly info: StudioInfo;
  readonly engine: EngineStatus;
  readonly models: readonly Model[];
  readonly library: CareReport;
  readonly documents: DocumentsReport;
}

/** @returns true if nothing is wrong */
export async function doctor(options: DoctorOptions, signal: AbortSignal): Promise<boolean> {
  let diagnosis: Diagnosis;
  try {
    await using studio = await openStudio(options);
    diagnosis = await diagnose(studio.client, signal);
  } catch (thrown) {
    const error = StudioError.from(thrown);
    if (error.code === 'cancelled') throw error;
    // That the studio does not open is a finding like any other, also for a program that reads JSON.
    const problems = [error.message];
    process.stdout.write(
      options.json ? `${JSON.stringify({ ok: false, problems })}\n` : report(null, problems),
    );
    return false;
  }
  const problems = findProblems(diagnosis);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ok: problems.length === 0, problems, ...diagnosis }, null, 2)}\n`
      : report(diagnosis, problems),
  );
  return problems.length === 0;
}

async function diagnose(client: StudioClient, signal: AbortSignal): Promise<Diagnosis> {
  // Asking for the versions starts the engine, so that its status then tells of a real start.
  const info = await client['system.info']({}, { signal });
  const [engine, models, library, documents] = await Promise.all([
    currentEngine(client, signal),
    client['models.list']({}, { signal }),
    reportOf(client, 'library.check', signal),
    client['projects.check']({}, { signal }),
  ]);
  return { info, engine, models, library, documents };
}

async function currentEngine(client: StudioClient, signal: AbortSignal): Promise<EngineStatus> {
  for await (const status of client['system.engine']({}, { signal })) return status;
  throw new StudioError('internal', 'The engine has no status. Restart Atelier.');
}

function findProblems({ engine, models, library, documents }: Diagnosis): string[] {
  const usable = models.filter(({ problem }) => problem === null);
  return [
    ...(engine.pid === null ? [`The engine does not run. ${engine.message ?? ''}`.trim()] : []),
    ...(engine.pid !== null && !engine.providers.some(({ available }) => available)
      ? ['No provider can run a model.']
      : []),
    ...models.flatMap(({ id, problem }) =>
      problem === null ? [] : [`Model "${id}" cannot be used: ${problem}`],
    ),
    ...(usable.some(({ kind }) => kind === 'image') ? [] : ['No usable image model is installed.']),
    ...(usable.some(({ kind }) => kind === 'text') ? [] : ['No usable text model is installed.']),
    ...library.findings.map(({ message }) => message),
    ...documents.problems,
  ];
}

function report(diagnosis: Diagnosis | null, problems: readonly string[]): string {
  const verdict =
    problems.length === 0
      ? ['Everything is in order.']
      : problems.map((problem) => `problem  ${problem}`);
  if (diagnosis === null) return `${verdict.join('\n')}\n`;
  const { info, engine, models, library, documents } = diagnosis;
  const lines = [
    `atelier ${info.version}, Node ${info.nodeVersion}, onnxruntime ${info.onnxruntimeVersion}, ${info.platform}`,
    `library  ${info.libraryFolder}`,
    `data     ${info.dataFolder}`,
    '',
    ...engine.providers.map(
      ({ name, available, reason }) =>
        `${name === engine.provider ? 'runs on ' : 'provider'} ${name.padEnd(7)} ${available ? 'available' : 'not available'}${reason ? `: ${reason}` : ''}`,
    ),
    ...(engine.runtime === null
      ? []
      : [
          `runtime  ${engine.runtime.name}${engine.runtime.reason ? `: ${engine.runtime.reason}` : ''}`,
        ]),
    '',
    ...models.map(
      ({ id, name, kind, sizeBytes, problem }) =>
        `model    ${id} (${name}), ${kind}, ${(sizeBytes / 1e6).toFixed(1)} MB${problem === null ? '' : ', cannot be used'}`,
    ),
    '',
    `pictures ${library.images}, in the trash ${library.trashed}`,
    `writing  ${documents.projects} projects, ${documents.scenes} scenes`,
    '',
    ...verdict,
  ];
  return `${lines.join('\n')}\n`;
}
