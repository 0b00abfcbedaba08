/** What `atelier draw` was told, as a request to the queue. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { StudioError } from '../../contract/errors.ts';
import type { GridAxis } from '../../contract/grid.ts';
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
import type { ImageRequest, SigmaSchedule } from '../../contract/image-request.ts';
import type { ImageModel } from '../../contract/models.ts';
import type { parseSchedulerName } from '../../contract/scheduler-names.ts';
import type { StudioClient } from '../../contract/studio.ts';
import { adapterId } from './named-adapters.ts';
import type { StudioOptions } from './open-studio.ts';

/** By the name of an adapter of the library, or by a path. */
interface NamedLora {
  readonly adapter: string;
  readonly unetWeight?: number;
  readonly textWeight?: number;
}

interface NamedControl extends Omit<z.input<typeof ControlUse>, 'id' | 'picture'> {
  readonly adapter: string;
  /** A file. */
  readonly picture: string;
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
  readonly sTmin?: number;
  readonly sTmax?: number;
  readonly sNoise?: number;
  readonly clipSkip?: number;
  readonly init?: string;
  readonly strength?: number;
  readonly fit?: Source['fit'];
  readonly mask?: string;
  readonly maskBlur?: number;
  readonly maskFill?: Mask['fill'];
  readonly maskPadding?: number;
  readonly onlyMasked?: boolean;
  readonly outpaint?: NonNullable<Source['extend']>;
  readonly variation?: readonly Variation[];
  readonly hires?: z.input<typeof HiresFix>;
  readonly hiresSteps?: number;
  readonly upscale?: z.input<typeof Upscale>;
  readonly rescale?: number;
  readonly freeu?: true | z.input<typeof FreeU>;
  /** True for `--tiled` without figures. */
  readonly tiled?: z.input<typeof TiledDiffusion> | true;
  readonly emphasis?: ImageOptions['emphasis'];
  readonly noise?: ImageOptions['noise'];
  readonly decoder?: ImageOptions['decoder'];
  readonly linearLayers?: ImageOptions['linearLayers'];
  readonly lora?: readonly NamedLora[];
  readonly control?: readonly NamedControl[];
  readonly vae?: string;
  readonly refiner?: { readonly modelId: string; readonly switchAt?: number };
  readonly grid?: readonly z.input<typeof GridAxis>[];
  readonly json?: boolean;
}

/** @throws {StudioError} `bad-request` for options that mean nothing without another, or beside it */
export function checkTogether(options: DrawOptions): void {
  if (options.init === undefined && (options.mask !== undefined || options.outpaint)) {
    throw new StudioError(
      'bad-request',
      'A mask and outpainting need a picture to begin from. Name it with --init.',
    );
  }
  if (options.hiresSteps !== undefined && !options.hires)
    throw new StudioError(
      'bad-request',
      'Steps of a second pass need one. Ask for it with --hires.',
    );
  if (options.grid && options.count !== undefined)
    throw new StudioError(
      'bad-request',
      'A grid makes as many pictures as it has cells. Leave --count out, or make seeds an axis: --grid "seed=1-4".',
    );
}

/**
 * Pictures and adapters that are named by a path are brought into the library first.
 * @throws {StudioError} `bad-request` where a file cannot be read
 */
export async function requestOf(
  client: StudioClient,
  model: ImageModel,
  prompt: string,
  options: DrawOptions,
): Promise<z.input<typeof ImageRequest>> {
  const source = await sourceOf(client, options);
  const painted = source && options.outpaint ? await extendedSize(client, source, model) : null;
  return {
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
    samplerOptions: {
      eta: options.eta,
      sChurn: options.churn,
      sTmin: options.sTmin,
      sTmax: options.sTmax,
      sNoise: options.sNoise,
    },
    clipSkip: options.clipSkip,
    source,
    variation: [...(options.variation ?? [])],
    hiresFix: options.hires ? { ...options.hires, steps: options.hiresSteps } : null,
    upscale: options.upscale ?? null,
    guidanceRescale: options.rescale ?? 0,
    freeU: options.freeu === true ? {} : (options.freeu ?? null),
    tiledDiffusion: options.tiled === true ? {} : (options.tiled ?? null),
    emphasis: options.emphasis,
    noise: options.noise,
    decoder: options.decoder,
    linearLayers: options.linearLayers,
    loras: await lorasOf(client, options),
    controls: await controlsOf(client, options),
    vaeId: options.vae === undefined ? null : await adapterId(client, 'vae', options.vae),
    refiner: options.refiner ?? null,
    seed: options.seed ?? null,
    count: options.count ?? 1,
    grid: options.grid ? { axes: [...options.grid] } : null,
  };
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
  for (const { adapter, picture, ...manner } of control) {
    const id = await adapterId(client, 'controlnet', adapter);
    uses.push({ id, picture: await addPicture(client, picture), ...manner });
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
    fit: options.fit,
    extend: options.outpaint ?? null,
    mask:
      options.mask === undefined
        ? null
        : {
            picture: await addPicture(client, options.mask),
            blurPx: options.maskBlur,
            paddingPx: options.maskPadding,
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
