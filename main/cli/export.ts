/** `atelier export`: starts one export, or goes on with one, and follows it to its end. */
import { StudioError } from '../../contract/errors.ts';
import type { ExportJob } from '../../contract/exports.ts';
import type { StudioClient } from '../../contract/studio.ts';
import {
  exportOptionsOf,
  refuseBesideResume,
  type ExportCommandOptions,
} from './export-options.ts';
import { ended } from './ending.ts';
import { openStudio } from './open-studio.ts';
import { createStatusLine } from './status-line.ts';

/**
 * Prints the path of each file, or with `--json` one object a picture and one of the whole.
 * @returns whether every picture was exported
 * @throws {StudioError} `cancelled` once `signal` aborts; finished files stay in a folder, and of a program that the
 *   system ends everything stays, to go on with
 */
export async function exportPictures(
  options: ExportCommandOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (options.resume !== undefined) refuseBesideResume(options);
  await using studio = await openStudio(options);
  const { client } = studio;
  signal.throwIfAborted();
  if (options.resume !== undefined) {
    const { id } = await unfinished(client, options.resume);
    await client['exports.resume']({ id });
    return await seenThrough(client, id, options, signal);
  }
  const wanted = exportOptionsOf(
    options,
    await client['exports.presets.list']({}),
    options.album === undefined ? null : await albumNamed(client, options.album),
  );
  if (options.dryRun === true) {
    const preview = await client['exports.preview']({ options: wanted, sample: 200 }, { signal });
    if (options.json === true) process.stdout.write(`${JSON.stringify(preview)}\n`);
    else
      process.stdout.write(
        [...preview.names.map(({ name }) => name), `${preview.total} pictures`, ''].join('\n'),
      );
    for (const { message, remedy } of preview.problems)
      process.stderr.write(`atelier: ${message} ${remedy}\n`);
    return preview.problems.every(({ severity }) => severity !== 'error');
  }
  const { id } = await client['exports.start'](wanted, { signal });
  return await seenThrough(client, id, options, signal);
}

/** @returns whether every picture was exported */
async function seenThrough(
  client: StudioClient,
  id: string,
  { json = false }: ExportCommandOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const stop = (): void => {
    // How it ended arrives as the job's own state.
    client[signal.reason === ended ? 'exports.pause' : 'exports.cancel']({ id }).catch(() => {});
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const job = await follow(client, id);
    await printReport(client, job, json);
    if (isLeft(job)) process.stderr.write(`atelier: to go on: atelier export --resume ${id}\n`);
    if (signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
    const trouble = job.error ?? job.pausedBecause;
    if (trouble) throw StudioError.fromBody(trouble);
    return job.progress.failed === 0;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Whether there is something of it that a later run would not make again. */
function isLeft({ state, target: { kind } }: ExportJob): boolean {
  return state === 'cancelled' ? kind === 'folder' || kind === 'web-gallery' : state !== 'done';
}

/** @param wanted its id, also of one that was cancelled; true for the newest that was not */
async function unfinished(client: StudioClient, wanted: string | true): Promise<ExportJob> {
  const jobs = await allExports(client);
  const left = jobs.filter(({ state }) => state !== 'done' && state !== 'cancelled');
  const found = wanted === true ? left[0] : jobs.find(({ id }) => id === wanted);
  if (found) return found;
  const there = left.map(({ id, target }) => `${id} (${target.path})`).join(', ');
  throw new StudioError(
    'not-found',
    wanted === true
      ? 'There is no export that was cut off.'
      : `There is no export "${wanted}". ${there === '' ? 'None was cut off.' : `Cut off are: ${there}.`}`,
  );
}

/** Newest first. */
async function allExports(client: StudioClient): Promise<readonly ExportJob[]> {
  const watching = new AbortController();
  try {
    for await (const jobs of client['exports.watch']({}, { signal: watching.signal })) return jobs;
  } finally {
    watching.abort();
  }
  return [];
}

async function albumNamed(client: StudioClient, name: string): Promise<string> {
  const { albums } = await client['albums.list']({});
  const found = albums.find(
    (album) => album.id === name || album.name.toLowerCase() === name.toLowerCase(),
  );
  if (found) return found.id;
  throw new StudioError(
    'not-found',
    `There is no album "${name}". There are: ${albums.map((album) => album.name).join(', ') || 'none'}.`,
  );
}

/** Resolves when the job stands still, whatever its end. */
async function follow(client: StudioClient, id: string): Promise<ExportJob> {
  using status = createStatusLine(process.stderr);
  const watching = new AbortController();
  try {
    for await (const jobs of client['exports.watch']({}, { signal: watching.signal })) {
      const job = jobs.find((one) => one.id === id);
      if (!job) continue;
      if (job.state !== 'running' && job.state !== 'queued') return job;
      status.show(describe(job));
    }
  } finally {
    watching.abort();
  }
  throw new StudioError('internal', 'The export ended before it was done. Try again.');
}

function describe({ progress }: ExportJob): string {
  const { phase, done, total, filesPerSecond, remainingMs } = progress;
  if (phase === 'preparing') return 'looking at what is there';
  if (phase === 'finishing') return 'finishing';
  const speed = filesPerSecond === null ? '' : `  ${filesPerSecond.toFixed(1)} a second`;
  const left = remainingMs === null ? '' : `  about ${Math.ceil(remainingMs / 1000)} s left`;
  return `picture ${done} of ${total}${speed}${left}`;
}

const reportPage = 1000;

async function printReport(client: StudioClient, job: ExportJob, asJson: boolean): Promise<void> {
  for (let offset = 0; ; offset += reportPage) {
    const { files } = await client['exports.report']({ id: job.id, offset, limit: reportPage });
    for (const file of files) {
      if (asJson) process.stdout.write(`${JSON.stringify(file)}\n`);
      else if (file.outcome === 'written') process.stdout.write(`${file.files[0] ?? ''}\n`);
      if (file.outcome === 'failed')
        process.stderr.write(`atelier: ${file.fileName || file.id}: ${file.error.message}\n`);
    }
    if (files.length < reportPage) break;
  }
  const { state, target, progress } = job;
  if (asJson) process.stdout.write(`${JSON.stringify({ id: job.id, state, target, progress })}\n`);
  else
    process.stderr.write(
      `atelier: ${progress.written} written, ${progress.skipped} skipped, ${progress.failed} failed\n`,
    );
}
