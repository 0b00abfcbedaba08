/** `atelier import`: takes files and folders into the library and follows the job to its end. */
import path from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { ImportJob, ImportedFile } from '../../contract/imports.ts';
import type { StudioClient } from '../../contract/studio.ts';
import { openStudio, type StudioOptions } from './open-studio.ts';
import { createStatusLine, duration } from './status-line.ts';

export interface ImportOptions extends StudioOptions {
  readonly album?: string;
  readonly tag?: readonly string[];
  readonly json?: boolean;
}

/** As many as one answer may hold. */
const reportedAtOnce = 5000;

/**
 * Prints what came of it in a line, or with `--json` an object a line for every file.
 * @returns false where files were skipped
 * @throws {StudioError} `cancelled` once `signal` aborts; what was imported so far stays
 */
export async function importPictures(
  paths: readonly string[],
  options: ImportOptions,
  signal: AbortSignal,
): Promise<boolean> {
  await using studio = await openStudio(options);
  const { client } = studio;
  signal.throwIfAborted();
  const albumId = options.album === undefined ? null : await albumNamed(client, options.album);
  const watching = new AbortController();
  try {
    const snapshots = client['imports.watch']({}, { signal: watching.signal });
    const { id } = await client['imports.start']({
      paths: paths.map((each) => path.resolve(each)),
      into: { albumId, tags: [...(options.tag ?? [])] },
    });
    const cancelJob = (): void => {
      // Its outcome arrives as the job's own state.
      client['imports.cancel']({ id }).catch(() => {});
    };
    signal.addEventListener('abort', cancelJob);
    if (signal.aborted) cancelJob();
    try {
      const job = await follow(id, snapshots);
      await print(client, job, options.json ?? false);
      return job.progress.skipped === 0;
    } finally {
      signal.removeEventListener('abort', cancelJob);
    }
  } finally {
    watching.abort();
  }
}

/** The first of that name, whatever its case; made where there is none. */
async function albumNamed(client: StudioClient, name: string): Promise<string> {
  const { albums } = await client['albums.list']({});
  const key = (text: string) => text.trim().toLowerCase();
  const found = albums.find((album) => album.kind === 'album' && key(album.name) === key(name));
  return found?.id ?? (await client['albums.create']({ name })).id;
}

/** Resolves once the job is done. @throws {StudioError} its error, or `cancelled` */
async function follow(id: string, snapshots: AsyncIterable<ImportJob[]>): Promise<ImportJob> {
  using status = createStatusLine(process.stderr);
  for await (const jobs of snapshots) {
    const job = jobs.find((each) => each.id === id);
    if (!job) continue;
    status.show(describe(job));
    switch (job.state) {
      case 'queued':
      case 'running':
        break;
      case 'done':
        return job;
      case 'failed':
        throw job.error
          ? StudioError.fromBody(job.error)
          : new StudioError('internal', 'The import failed without saying why. Try again.');
      case 'cancelled':
        throw new StudioError('cancelled', 'Cancelled.');
      default:
        job.state satisfies never;
    }
  }
  throw new StudioError('internal', 'The import ended without an outcome. Try again.');
}

function describe({ state, progress }: ImportJob): string {
  if (state === 'queued') return 'waiting';
  const { phase, found, done, filesPerSecond, remainingMs } = progress;
  if (phase === 'scanning') return `looking for pictures  ${found} so far`;
  const speed = filesPerSecond === null ? '' : `  ${filesPerSecond.toFixed(0)} files/s`;
  const left = remainingMs === null ? '' : `  about ${duration(remainingMs)} left`;
  return `${done} of ${found}${speed}${left}`;
}

async function print(client: StudioClient, job: ImportJob, asJson: boolean): Promise<void> {
  for await (const file of reportOf(client, job.id, asJson ? 'all' : 'skipped')) {
    if (asJson) process.stdout.write(`${JSON.stringify(file)}\n`);
    if (file.outcome === 'skipped')
      process.stderr.write(`atelier: skipped "${file.path}". ${file.reason}\n`);
  }
  const { imported, duplicates, skipped } = job.progress;
  if (!asJson)
    process.stdout.write(
      `${imported} imported, ${duplicates} in the library already, ${skipped} skipped\n`,
    );
}

async function* reportOf(
  client: StudioClient,
  id: string,
  outcome: 'all' | 'skipped',
): AsyncGenerator<ImportedFile> {
  for (let offset = 0; ;) {
    const { files, total } = await client['imports.report']({
      id,
      outcome,
      offset,
      limit: reportedAtOnce,
    });
    yield* files;
    offset += files.length;
    if (offset >= total || files.length === 0) return;
  }
}
