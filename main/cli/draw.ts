/** `atelier draw`: adds one job to the queue and follows it to its end. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { StudioError } from '../../contract/errors.ts';
import type {
  ControlUse,
  FreeU,
  HiresFix,
  ImageOptions,
  LoraUse,
  Mask,
  Source,
  TiledDiffusion,
  Upscale,
  Variation,
} from '../../contract/image-options.ts';
import type { SigmaSchedule } from '../../contract/image-request.ts';
import type { parseSchedulerName } from '../../contract/scheduler-names.ts';
import type { ImageDetail } from '../../contract/images.ts';
import type { ImageModel } from '../../contract/models.ts';
import type { Job, QueueSnapshot } from '../../contract/queue.ts';
import type { StudioClient } from '../../contract/studio.ts';
import { storageError } from '../studio/storage-error.ts';
import { copyWithoutReplacing } from './copy-without-replacing.ts';
import { adapterId } from './named-adapters.ts';
import { chooseModel, openStudio, type StudioOptions } from './open-studio.ts';
import { createStatusLine, describeJob } from './status-line.ts';

/** By the name of an adapter of the library, or by a path. */
interface NamedLora {
  readonly adapter: string;
  readonly unetWeight?: number;
  readonly textWeight?: number;
}

interface NamedControl {
  readonly adapter: string;
  readonly picture: string;
  readonly weight?: number;
}

export interface DrawOptions extends StudioOptions {
  readonly out?: string;
  readonly count?: number;
  readonly seed?: number;
  readonly steps?: number;
  readonly model?: string;
  readonly negative?: string;
  readonly size?: { readonly width: number; readonly height: number };
  readonly width?: number;
  readonly height?: number;
  readonly guidance?: number;
  readonly scheduler?: NonNullable<ReturnType<typeof parseSchedulerName>>;
  readonly schedule?: SigmaSchedule;
  readonly eta?: number;
  readonly churn?: number;
  readonly init?: string;
  readonly strength?: number;
  readonly mask?: string;
  readonly maskBlur?: number;
  readonly maskFill?: Mask['fill'];
  readonly onlyMasked?: boolean;
  readonly outpaint?: NonNullable<Source['extend']>;
  readonly variation?: readonly Variation[];
  readonly hires?: z.input<typeof HiresFix>;
  readonly upscale?: z.input<typeof Upscale>;
  readonly rescale?: number;
  readonly freeu?: true | z.input<typeof FreeU>;
  /** True for `--tiled` without figures. */
  readonly tiled?: z.input<typeof TiledDiffusion> | true;
  readonly emphasis?: ImageOptions['emphasis'];
  readonly noise?: ImageOptions['noise'];
  readonly decoder?: ImageOptions['decoder'];
  readonly lora?: readonly NamedLora[];
  readonly control?: readonly NamedControl[];
  readonly vae?: string;
  readonly refiner?: { readonly modelId: string; readonly switchAt?: number };
  readonly json?: boolean;
}

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
  if (options.init === undefined && (options.mask !== undefined || options.outpaint)) {
    throw new StudioError(
      'bad-request',
      'A mask and outpainting need a picture to begin from. Name it with --init.',
    );
  }
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
    const source = await sourceOf(client, options);
    const painted = source && options.outpaint ? await extendedSize(client, source, model) : null;
    const job = await client['queue.add']({
      modelId: model.id,
      prompt,
      negativePrompt: options.negative ?? '',
      width: options.size?.width ?? options.width ?? painted?.width ?? model.defaults.width,
      height: options.size?.height ?? options.height ?? painted?.height ?? model.defaults.height,
      steps: options.steps ?? model.defaults.steps,
      guidanceScale: options.guidance ?? model.defaults.guidanceScale,
      scheduler: options.scheduler?.scheduler ?? model.defaults.scheduler,
      sigmaSchedule:
        options.schedule ?? options.scheduler?.sigmaSchedule ?? model.defaults.sigmaSchedule,
      samplerOptions: { eta: options.eta ?? null, sChurn: options.churn ?? 0 },
      source,
      variation: [...(options.variation ?? [])],
      hiresFix: options.hires ?? null,
      upscale: options.upscale ?? null,
      guidanceRescale: options.rescale ?? 0,
      freeU: options.freeu === true ? {} : (options.freeu ?? null),
      tiledDiffusion: options.tiled === true ? {} : (options.tiled ?? null),
      emphasis: options.emphasis,
      noise: options.noise,
      decoder: options.decoder,
      loras: await lorasOf(client, options),
      controls: await controlsOf(client, options),
      vaeId: options.vae === undefined ? null : await adapterId(client, 'vae', options.vae),
      refiner: options.refiner ?? null,
      seed: options.seed ?? null,
      count: options.count ?? 1,
    });
    const cancelJob = (): void => {
      // Its outcome arrives as the job's own state; a job that ended meanwhile cannot be cancelled.
      client['queue.cancel']({ id: job.id }).catch(() => {});
    };
    signal.addEventListener('abort', cancelJob);
    if (signal.aborted) cancelJob();
    try {
      await follow(job, snapshots, async (imageId, index) => {
        const picture = await client['images.get']({ id: imageId });
        const copy = out === null ? picture.path : await copyWithoutReplacing(picture.path, out);
        print(picture, copy, job.request.seed + index, options.json ?? false);
      });
    } finally {
      signal.removeEventListener('abort', cancelJob);
    }
  } finally {
    watching.abort();
  }
}

async function addPicture(client: StudioClient, file: string): Promise<string> {
  const bytes = await readFile(path.resolve(file)).catch((cause: unknown) => {
    const message = `The picture "${file}" cannot be read. Check its path, and that it may be read.`;
    throw new StudioError('bad-request', message, { file }, { cause });
  });
  return (await client['inputs.add']({ bytes: new Uint8Array(bytes) })).hash;
}

// One after the other: two imports of one file would be two copies.
async function lorasOf(
  client: StudioClient,
  { lora = [] }: DrawOptions,
): Promise<z.input<typeof LoraUse>[]> {
  const uses: z.input<typeof LoraUse>[] = [];
  for (const { adapter, ...weights } of lora)
    uses.push({ id: await adapterId(client, 'lora', adapter), ...weights });
  return uses;
}

async function controlsOf(
  client: StudioClient,
  { control = [] }: DrawOptions,
): Promise<z.input<typeof ControlUse>[]> {
  const uses: z.input<typeof ControlUse>[] = [];
  for (const { adapter, picture, weight } of control) {
    const id = await adapterId(client, 'controlnet', adapter);
    uses.push({ id, picture: await addPicture(client, picture), weight });
  }
  return uses;
}

/** Input pictures are kept in the library, as those of the window are. */
async function sourceOf(
  client: StudioClient,
  options: DrawOptions,
): Promise<z.input<typeof Source> | null> {
  if (options.init === undefined) return null;
  return {
    picture: await addPicture(client, options.init),
    strength: options.strength,
    extend: options.outpaint ?? null,
    mask:
      options.mask === undefined
        ? null
        : {
            picture: await addPicture(client, options.mask),
            blurPx: options.maskBlur,
            fill: options.maskFill,
            area: options.onlyMasked ? 'masked' : 'whole',
          },
  };
}

/** The picture with what is added to it, at the nearest size that the model can paint. */
async function extendedSize(
  client: StudioClient,
  { picture, extend }: z.input<typeof Source>,
  { spatialFactor }: ImageModel,
): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height } = await client['inputs.get']({ hash: picture });
  const { left = 0, top = 0, right = 0, bottom = 0 } = extend ?? {};
  const multiple = Math.max(8, spatialFactor);
  const side = (pixels: number) => Math.max(1, Math.round(pixels / multiple)) * multiple;
  return { width: side(width + left + right), height: side(height + top + bottom) };
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
  onPicture: (imageId: string, index: number) => Promise<void>,
): Promise<void> {
  using status = createStatusLine(process.stderr);
  let printed = 0;
  for (let next = await snapshots.next(); !next.done; next = await snapshots.next()) {
    const ahead = next.value.jobs.findIndex((candidate) => candidate.id === id);
    const job = next.value.jobs[ahead];
    if (!job) continue;
    for (const imageId of job.imageIds.slice(printed)) {
      status.clear();
      await onPicture(imageId, printed);
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

function print(picture: ImageDetail, file: string, seed: number, asJson: boolean): void {
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
      seed,
      width: picture.width,
      height: picture.height,
      prompt: picture.prompt,
      model: recipe?.settings.modelId ?? null,
      provider: recipe?.provider ?? null,
      durationMs: recipe?.durationMs ?? null,
    })}\n`,
  );
}
