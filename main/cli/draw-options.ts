/** The options of `atelier draw`, and how each is read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { parseGridField } from '../../contract/grid-cells.ts';
import { gridFields } from '../../contract/grid.ts';
import {
  type ControlUse,
  emphasisNames,
  linearLayerNames,
  fitNames,
  maskFillNames,
  noiseSourceNames,
  preprocessorNames,
} from '../../contract/image-options.ts';
import { sigmaScheduleNames, type SigmaSchedule } from '../../contract/image-request.ts';
import { parseScheduleName, parseSchedulerName } from '../../contract/scheduler-names.ts';
import type { DrawOptions } from './draw-request.ts';
import { decimal, integer } from './number-options.ts';

export function withDrawOptions(command: Command): Command {
  return command
    .option('-o, --out <dir>', 'copy the pictures there; existing files are never replaced')
    .option('-n, --count <number>', 'how many pictures; picture i has seed + i', integer)
    .option('--seed <number>', 'seed of the first picture (default: drawn)', integer)
    .option('--steps <number>', "denoising steps (default: the model's)", integer)
    .option('--model <id>', 'image model (default: the first one installed)')
    .option('--negative <text>', 'what to keep out of the picture')
    .addOption(
      new Option('--size <WxH>', "size in pixels (default: the model's)")
        .argParser(size)
        .conflicts(['width', 'height']),
    )
    .option('--width <pixels>', 'width in pixels', integer)
    .option('--height <pixels>', 'height in pixels', integer)
    .option('--guidance <scale>', 'classifier-free guidance scale; 1 is off', decimal)
    .option(
      '--scheduler <name>',
      "sampler, by its name here, in A1111 or in ComfyUI (see atelier schedulers; default: the model's)",
      scheduler,
    )
    .option(
      '--schedule <name>',
      `spacing of noise levels: ${sigmaScheduleNames.join(', ')}`,
      schedule,
    )
    .option('--eta <number>', 'share of fresh noise per step, for samplers that take one', decimal)
    .option('--churn <number>', 'noise added to Euler, 0 is none', decimal)
    .option('--s-tmin <sigma>', 'noise level below which nothing is churned', decimal)
    .option('--s-tmax <sigma>', 'noise level above which nothing is churned', decimal)
    .option('--s-noise <number>', 'strength of the noise that is added on the way (1)', decimal)
    .option(
      '--clip-skip <layers>',
      'read the text encoder this many layers from its end (1)',
      integer,
    )
    .option('--init <file>', 'start from this picture')
    .option('--strength <share>', 'how much of it is made anew, 0 to 1 (default: 0.75)', decimal)
    .addOption(
      new Option('--fit <how>', 'how a picture of another shape meets the size').choices(fitNames),
    )
    .option('--mask <file>', 'paint only where this picture is white; needs --init')
    .option('--mask-blur <pixels>', "softness of the mask's edge (default: 4)", decimal)
    .addOption(
      new Option('--mask-fill <what>', 'what the masked area begins from').choices(maskFillNames),
    )
    .option('--mask-padding <pixels>', 'what --only-masked shows around the mask (32)', integer)
    .option('--only-masked', 'paint a crop around the mask at full size, and put it back')
    .option('--outpaint <L,T,R,B>', 'extend the picture of --init by these pixels', margins)
    .option(
      '--variation <seed:strength>',
      'noise turned towards that of another seed; may be given again, to go on from there',
      variation,
    )
    .option(
      '--hires <scale[:strength[:upscaler]]>',
      'a second, larger pass over the picture',
      hires,
    )
    .option('--hires-steps <number>', 'steps of that pass (as many as the first has)', integer)
    .option('--upscale <scale[:upscaler]>', 'enlarge the finished picture', upscale)
    .option('--rescale <share>', 'take back contrast that guidance adds, 0 to 1', decimal)
    .option(
      '--freeu [b1:b2:s1:s2]',
      'stronger shapes and softer textures in the first two blocks on the way up (1.3:1.4:0.9:0.2)',
      freeU,
    )
    .option(
      '--tiled [side:overlap]',
      'denoise large pictures in tiles of these pixels (512:128)',
      tiled,
    )
    .addOption(
      new Option('--emphasis <rule>', 'how (brackets:1.2) in the prompt act').choices(
        emphasisNames,
      ),
    )
    .addOption(
      new Option(
        '--noise <source>',
        "whose generator the noise is drawn as: torch's on the processor, or Nvidia's",
      ).choices(noiseSourceNames),
    )
    .addOption(
      new Option(
        '--linear-layers <kind>',
        'int8 computes them with whole numbers on the processor: faster, a little less exact',
      ).choices(linearLayerNames),
    )
    .addOption(
      new Option('--decoder <kind>', 'tiny is faster and less exact, if the model has one').choices(
        ['full', 'tiny'],
      ),
    )
    .option(
      '--lora <name[:weight[:text weight]]>',
      'a LoRA of the library, or a file that is brought there; may be given again',
      lora,
    )
    .option(
      '--control <name:picture[:weight][:start-end][:preprocessor]>',
      'a ControlNet of the library, or a folder that is brought there, what it reads, in which share of the steps, and how that is prepared; may be given again',
      control,
    )
    .option('--vae <name>', 'another autoencoder')
    .option(
      '--refiner <model[:share]>',
      'another model ends the picture, from this share of the steps on (0.8)',
      refiner,
    )
    .option(
      '--grid <axis=values>',
      'draw along an axis, such as "steps=4,8,12", "cfg=3-9 (+2)", "sampler=euler,ddim" or "lora:ink=0,1"; up to three times',
      gridAxis,
    )
    .option('--json', 'print one JSON object a line for each picture');
}

function scheduler(text: string): DrawOptions['scheduler'] {
  const parsed = parseSchedulerName(text);
  if (!parsed)
    throw new InvalidArgumentError('No sampler has this name. "atelier schedulers" lists them.');
  return parsed;
}

function schedule(text: string): SigmaSchedule {
  const parsed = parseScheduleName(text);
  if (!parsed)
    throw new InvalidArgumentError(`It must be one of ${sigmaScheduleNames.join(', ')}.`);
  return parsed;
}

function margins(text: string): NonNullable<DrawOptions['outpaint']> {
  const parts = text.split(',').map((part) => integer(part.trim()));
  const [left, top, right, bottom] = parts;
  if (
    parts.length !== 4 ||
    left === undefined ||
    top === undefined ||
    right === undefined ||
    bottom === undefined
  )
    throw new InvalidArgumentError('It must look like 0,0,64,0: left, top, right, bottom.');
  return { left, top, right, bottom };
}

function variation(
  text: string,
  before: DrawOptions['variation'] = [],
): NonNullable<DrawOptions['variation']> {
  const [seed, strength, ...rest] = text.split(':');
  if (seed === undefined || strength === undefined || rest.length > 0)
    throw new InvalidArgumentError('It must look like 42:0.2: a seed and a strength.');
  return [...before, { seed: integer(seed), strength: decimal(strength) }];
}

function hires(text: string): NonNullable<DrawOptions['hires']> {
  const [scale = '', strength, upscaler] = text.split(':');
  return {
    scale: decimal(scale),
    ...(strength === undefined ? {} : { strength: decimal(strength) }),
    ...(upscaler === undefined ? {} : { upscaler }),
  };
}

function upscale(text: string): NonNullable<DrawOptions['upscale']> {
  const [scale = '', upscaler] = text.split(':');
  return { scale: decimal(scale), ...(upscaler === undefined ? {} : { upscaler }) };
}

function lora(text: string, before: DrawOptions['lora'] = []): NonNullable<DrawOptions['lora']> {
  // Weights are taken from the end, since a path may hold colons.
  const [, adapter = '', unet, encoder] =
    /^(.+?)(?::([+-]?[\d.]+))?(?::([+-]?[\d.]+))?$/.exec(text) ?? [];
  if (adapter === '') throw new InvalidArgumentError('It must look like ink:0.8.');
  const unetWeight = unet === undefined ? 1 : decimal(unet);
  const textWeight = encoder === undefined ? unetWeight : decimal(encoder);
  return [...before, { adapter, unetWeight, textWeight }];
}

function control(
  text: string,
  before: DrawOptions['control'] = [],
): NonNullable<DrawOptions['control']> {
  const match = /^(.+?):((?:[A-Za-z]:[\\/])?[^:]+?)((?::[^:\\/]+)*)$/.exec(text);
  const [, adapter, picture, manner = ''] = match ?? [];
  if (adapter === undefined || picture === undefined)
    throw new InvalidArgumentError('It must look like canny:edges.png:0.8.');
  const use = manner.split(':').slice(1).map(controlManner);
  return [...before, Object.assign({ adapter, picture }, ...use)];
}

/** A weight, a share of the steps, or a preprocessor. */
function controlManner(
  part: string,
): Pick<z.input<typeof ControlUse>, 'weight' | 'start' | 'end' | 'preprocessor'> {
  const [, start, end] = /^([\d.]+)-([\d.]+)$/.exec(part) ?? [];
  if (start !== undefined && end !== undefined) return { start: decimal(start), end: decimal(end) };
  const preprocessor = preprocessorNames.find((name) => name === part);
  if (preprocessor) return { preprocessor };
  if (/^[\d.]+$/.test(part)) return { weight: decimal(part) };
  throw new InvalidArgumentError(
    `"${part}" is not a weight, a share such as 0-0.5, or one of ${preprocessorNames.join(', ')}.`,
  );
}

function refiner(text: string): NonNullable<DrawOptions['refiner']> {
  const [, modelId = '', share] = /^(.+?)(?::([\d.]+))?$/.exec(text) ?? [];
  if (modelId === '') throw new InvalidArgumentError('It must look like my-refiner:0.8.');
  return { modelId, ...(share === undefined ? {} : { switchAt: decimal(share) }) };
}

function freeU(text: string): NonNullable<Exclude<DrawOptions['freeu'], true>> {
  const [b1, b2, s1, s2, ...rest] = text.split(':').map(decimal);
  if (s2 === undefined || rest.length > 0)
    throw new InvalidArgumentError('It must look like 1.3:1.4:0.9:0.2.');
  return { b1, b2, s1, s2 };
}

function tiled(text: string): NonNullable<DrawOptions['tiled']> {
  const [side = '', overlap] = text.split(':');
  return {
    sidePx: integer(side),
    ...(overlap === undefined ? {} : { overlapPx: integer(overlap) }),
  };
}

function size(text: string): { readonly width: number; readonly height: number } {
  const match = /^(\d+)[x×*](\d+)$/i.exec(text);
  if (!match) throw new InvalidArgumentError('It must look like 256x256.');
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** `field=values`, or `field:target=values` for the weight of one adapter. */
function gridAxis(
  text: string,
  before: DrawOptions['grid'] = [],
): NonNullable<DrawOptions['grid']> {
  const [, name, target, values] = /^([^=:]+)(?::([^=]+))?=(.*)$/s.exec(text) ?? [];
  if (name === undefined || values === undefined)
    throw new InvalidArgumentError('It must look like "steps=4,8,12".');
  const field = parseGridField(name);
  if (!field)
    throw new InvalidArgumentError(
      `Nothing called "${name}" can vary. There are: ${gridFields.join(', ')}.`,
    );
  if (before.length === 3) throw new InvalidArgumentError('A grid has at most three axes.');
  return [...before, { field, target: target ?? null, values }];
}
