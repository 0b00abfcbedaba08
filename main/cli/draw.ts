/** `atelier draw`: adds one job to the queue and follows it to its end. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { ImageDetail } from '../../contract/images.ts';
import type { Job, QueueSnapshot } from '../../contract/queue.ts';
import { storageError } from '../studio/storage-error.ts';
import { copyWithoutReplacing } from './copy-without-replacing.ts';
import { checkTogether, type DrawOptions, requestOf } from './draw-request.ts';
import { chooseModel, openStudio } from './open-studio.ts';
import { createStatusLine, describeJob } from './status-line.ts';

/**
 * Prints each picture as soon as it is finished: its path, or with `--json` one object a line.
 * @throws {StudioError} `cancelled` once `signal` aborts; the pictures made so far stay
 */
export async function draw(
  prompt: string,
  options: DrawOptions,
  signal: AbortSignal,
): Promise<void> {
  const out = options.out === undefined ? null : path.resolve(options.out);
  checkTogether(options);
  // Before the work, not after it: a folder that cannot be made should cost nobody a picture.
  if (out !== null) {
    await mkdir(out, { recursive: true }).catch((error: unknown) => {
      throw storageError(error, out);
    });
  }
  await using studio = await openStudio(options);
  const { client } = studio;
  signal.throwIfAborted();
  const model = await chooseModel(client, 'image', options.model ?? null);
  const watching = new AbortController();
  const snapshots = client['queue.watch']({}, { signal: watching.signal })[Symbol.asyncIterator]();
  try {
    await refusePaused(snapshots);
    const job = await client['queue.add'](await requestOf(client, model, prompt, options));
    const cancelJob = (): void => {
      // Its outcome arrives as the job's own state; a job that ended meanwhile cannot be cancelled.
      client['queue.cancel']({ id: job.id }).catch(() => {});
    };
    signal.addEventListener('abort', cancelJob);
    if (signal.aborted) cancelJob();
    try {
      await follow(job, snapshots, async (imageId) => {
        const picture = await client['images.get']({ id: imageId });
        const copy = out === null ? picture.path : await copyWithoutReplacing(picture.path, out);
        print(picture, copy, options.json ?? false);
      });
    } finally {
      signal.removeEventListener('abort', cancelJob);
    }
  } finally {
    watching.abort();
  }
}

async function refusePaused(snapshots: AsyncIterator<QueueSnapshot>): Promise<void> {
  const first = await snapshots.next();
  if (!first.done && first.value.paused) {
    throw new StudioError(
      'conflict',
      'The queue is paused. Open Atelier and let it go on, then try again.',
    );
  }
}

/** Resolves when the job is done; rejects with its error, or `cancelled`. */
async function follow(
  { id }: Job,
  snapshots: AsyncIterator<QueueSnapshot>,
  onPicture: (imageId: string) => Promise<void>,
): Promise<void> {
  using status = createStatusLine(process.stderr);
  let printed = 0;
  for (let next = await snapshots.next(); !next.done; next = await snapshots.next()) {
    const ahead = next.value.jobs.findIndex((candidate) => candidate.id === id);
    const job = next.value.jobs[ahead];
    if (!job) continue;
    for (const imageId of job.imageIds.slice(printed)) {
      status.clear();
      await onPicture(imageId);
      printed += 1;
    }
    status.show(describeJob(job, ahead));
    switch (job.state) {
      case 'queued':
      case 'running':
        break;
      case 'done':
        return;
      case 'failed':
        throw job.error
          ? StudioError.fromBody(job.error)
          : new StudioError('internal', 'The job failed without saying why. Try again.');
      case 'cancelled':
        throw new StudioError('cancelled', 'Cancelled.');
      default:
        job.state satisfies never;
    }
  }
  throw new StudioError('internal', 'The queue ended before the job did. Try again.');
}

function print(picture: ImageDetail, file: string, asJson: boolean): void {
  if (!asJson) {
    process.stdout.write(`${file}\n`);
    return;
  }
  const { recipe } = picture;
  process.stdout.write(
    `${JSON.stringify({
      id: picture.id,
      path: file,
      libraryPath: picture.path,
      contentHash: picture.contentHash,
      seed: recipe?.settings.seed ?? null,
      isSheet: recipe?.sheet != null,
      width: picture.width,
      height: picture.height,
      prompt: picture.prompt,
      model: recipe?.settings.modelId ?? null,
      provider: recipe?.provider ?? null,
      durationMs: recipe?.durationMs ?? null,
    })}\n`,
  );
}
