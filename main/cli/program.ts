/** The commands and their options. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { emphasisNames, maskFillNames, noiseSourceNames } from '../../contract/image-options.ts';
import { sigmaScheduleNames, type SigmaSchedule } from '../../contract/image-request.ts';
import { parseScheduleName, parseSchedulerName } from '../../contract/scheduler-names.ts';
import { programVersion } from '../studio/node-host-ports.ts';
import { type DoctorOptions, doctor } from './doctor.ts';
import { type DrawOptions, draw } from './draw.ts';
import { listSchedulerNames } from './schedulers.ts';
import { type WriteOptions, write } from './write.ts';

export interface ProgramContext {
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Where a command that ends in order leaves another exit code than 0. */
  readonly outcome: { exitCode: number };
}

export function createProgram({ signal, outcome }: ProgramContext): Command {
  const program = new Command('atelier')
    .description('Makes pictures and prose with models on this computer. Nothing leaves it.')
    .version(programVersion())
    .showHelpAfterError('Try atelier --help.')
    .configureOutput({
      outputError: (text, print) => print(text.replace(/^error: /, 'atelier: ')),
    })
    .exitOverride();

  withStudioOptions(program.command('draw'))
    .description('make pictures from a prompt')
    .argument('<prompt>', 'what to draw')
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
    .option('--init <file>', 'start from this picture')
    .option('--strength <share>', 'how much of it is made anew, 0 to 1 (default: 0.75)', decimal)
    .option('--mask <file>', 'paint only where this picture is white; needs --init')
    .option('--mask-blur <pixels>', "softness of the mask's edge (default: 4)", decimal)
    .addOption(
      new Option('--mask-fill <what>', 'what the masked area begins from').choices(maskFillNames),
    )
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
      '--control <name:picture[:weight]>',
      'a ControlNet of the library, or a folder that is brought there, and what it reads; may be given again',
      control,
    )
    .option('--vae <name>', 'another autoencoder')
    .option(
      '--refiner <model[:share]>',
      'another model ends the picture, from this share of the steps on (0.8)',
      refiner,
    )
    .option('--json', 'print one JSON object a line for each picture')
    .action((prompt: string, options: DrawOptions) => draw(prompt, options, signal));

  withStudioOptions(program.command('write'))
    .description('continue a text')
    .argument('<prompt>', 'the text to continue; - reads it from standard input')
    .option('--max-tokens <number>', 'tokens to write at most', integer)
    .option('--seed <number>', 'seed (default: drawn)', integer)
    .option('--model <id>', 'text model (default: the first one installed)')
    .option('--temperature <number>', '0 always takes the likeliest token', decimal)
    .option('--top-k <number>', 'keep the k likeliest tokens; 0 is off', integer)
    .option('--top-p <number>', 'keep the smallest set with this probability; 1 is off', decimal)
    .option('--min-p <number>', 'drop tokens below this part of the likeliest; 0 is off', decimal)
    .option('--repetition-penalty <number>', '1 is off', decimal)
    .option('--stop <text...>', 'end before any of these')
    .option('--json', 'print one JSON object a line for each event')
    .action((prompt: string, options: WriteOptions) => write(prompt, options, signal));

  withStudioOptions(program.command('doctor'))
    .description('check versions, providers, models and library; exit code 1 if something is wrong')
    .option('--json', 'print one JSON object')
    .action(async (options: DoctorOptions) => {
      if (!(await doctor(options, signal))) outcome.exitCode = 1;
    });

  program
    .command('schedulers')
    .description('list samplers, and what other programs call them')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: boolean }) => {
      process.stdout.write(listSchedulerNames(json ?? false));
    });

  // Commands made with `command()` inherit neither of these once they exist.
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function withStudioOptions(command: Command): Command {
  return command
    .option('--library <dir>', 'library folder (also: ATELIER_LIBRARY)')
    .option('--data <dir>', 'settings and cache folder (also: ATELIER_DATA)')
    .option('--models <dir>', 'folder of installed models, instead of the starter models');
}

function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError('It must be a number.');
  return value;
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
  const match = /^(.+?):((?:[A-Za-z]:[\\/])?[^:]+?)(?::([\d.]+))?$/.exec(text);
  const [, adapter, picture, weight] = match ?? [];
  if (adapter === undefined || picture === undefined)
    throw new InvalidArgumentError('It must look like canny:edges.png:0.8.');
  const own = weight === undefined ? {} : { weight: decimal(weight) };
  return [...before, { adapter, picture, ...own }];
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
