/**
 * Settings out of the `parameters` text, as Stable Diffusion web UI, Forge and their extensions write it.
 *
 * Promises: any text is taken; a value is taken over only where it is valid here; every pair that would
 * have changed the picture and was not taken over is told in a sentence.
 */
import { ImageOptions, type SamplerOptions } from '../../../../contract/image-options.ts';
import {
  imageLimits,
  ImageSettings,
  type SchedulerName,
  type SigmaSchedule,
} from '../../../../contract/image-request.ts';
import { SourceNumbers, type ReusableSettings } from '../../../../contract/reuse.ts';
import { parseScheduleName, parseSchedulerName } from '../../../../contract/scheduler-names.ts';
import { installedAs, modelNamed, withoutHash, type Installed } from './installed.ts';
import { takeControls } from './read-control-pairs.ts';
import { tellTheRest } from './left-pairs.ts';
import { createPairReader, type PairReader } from './pair-reader.ts';
import type { Told, ToldLora } from './programs/told.ts';
import { takeTrailingLoras } from './trailing-loras.ts';
import { emphasisWords, fillWords, fitWords, nameOf, plainUpscaler } from './web-ui-names.ts';
import { latentPixels } from './web-ui-pairs.ts';

/** The schedule that "Automatic" stands for, where a sampler has one of its own in the web UI. */
const ownSchedules: Partial<Readonly<Record<SchedulerName, SigmaSchedule>>> = {
  'dpmpp-2m': 'karras',
  'dpmpp-sde': 'karras',
  dpm2: 'karras',
  'dpm2-ancestral': 'karras',
  'dpmpp-2m-sde': 'exponential',
  'dpmpp-3m-sde': 'exponential',
};

/** @param told of the web UI or of any other program: all are told in its words */
export function readTold(told: Told, installed: Installed): ReusableSettings {
  const pairs = new Map([...Object.entries(told.implied), ...told.pairs]);
  const left: string[] = [...told.left];
  const leftOfPrompt: string[] = [];
  const read = createPairReader(pairs, left);
  const written = told.here ?? told;
  const { text: bare, loras } = takeTrailingLoras(
    withTags(bounded(written.prompt, 'prompt', left), told.loras),
    pairs.get('Lora hashes'),
    installed,
    leftOfPrompt,
  );
  const negativePrompt = bounded(written.negativePrompt, 'negative prompt', left);
  tellMissingEmbeddings(read.take('TI hashes'), installed, leftOfPrompt);

  const size = sizeOf(read);
  const values: Record<string, unknown> = {
    ...modelOf(read, installed, left),
    ...size,
    steps: read.number('Steps'),
    guidanceScale: read.number('CFG scale'),
    seed: seedOf(read, left),
    ...samplingOf(read, left),
    ...optionsOf(read, size.width, pairs.size > 0, installed, left),
    loras,
  };
  const settings: Record<string, unknown> = { prompt: bare, negativePrompt };
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const parsed = ImageSettings.shape[field as keyof typeof ImageSettings.shape].safeParse(value);
    if (parsed.success) settings[field] = parsed.data;
    else left.push(`${titles[field] ?? field}: ${shown(value)} is not possible here. Yours stays.`);
  }
  const source = sourceOf(read, settings['hiresFix'] !== undefined, left);
  const controls = takeControls(pairs, read, installed, left);
  tellTheRest(read, left);
  return {
    settings: { ...ImageOptions.parse({}), prompt: '', negativePrompt: '', ...settings },
    source,
    controls,
    sheet: null,
    leftOfPrompt,
    left,
  };
}

const titles: Readonly<Record<string, string>> = {
  steps: 'Steps',
  guidanceScale: 'CFG scale',
  seed: 'Seed',
  width: 'Width',
  height: 'Height',
  clipSkip: 'Clip skip',
  hiresFix: 'Hires fix',
  upscale: 'Upscaling',
  freeU: 'FreeU',
  tiledDiffusion: 'Tiled diffusion',
  variation: 'Variation',
  samplerOptions: 'Sampler numbers',
  refiner: 'Refiner',
};

/** Tags at the end, from which they are taken like those that the prompt itself has. */
function withTags(prompt: string, loras: readonly ToldLora[]): string {
  const tags = loras.map(({ name, unetWeight, textWeight }) => {
    const plain = name.replaceAll(/[<>:]/g, '_');
    return unetWeight === textWeight
      ? `<lora:${plain}:${unetWeight}>`
      : `<lora:${plain}:te=${textWeight}:unet=${unetWeight}>`;
  });
  return [prompt, ...tags].join(' ').trim();
}

function bounded(prompt: string, title: string, left: string[]): string {
  if (prompt.length <= longestPrompt) return prompt;
  left.push(`The ${title} is longer than is possible here; its end is left out.`);
  return prompt.slice(0, longestPrompt);
}

/** Leaves room for the tags of all adapters. */
const longestPrompt = imageLimits.promptCharacters - 10_000;

/** Torch draws noise from the lowest 32 bits alone, so that a seed of 64 has one of 32 that is as good. */
function seedOf(read: PairReader, left: string[]): number | undefined {
  const text = read.take('Seed')?.trim();
  if (text === undefined) return undefined;
  if (!/^\d{16,20}$/.test(text) || Number.isSafeInteger(Number(text))) {
    const seed = Number(text);
    if (text !== '' && Number.isFinite(seed)) return seed;
    left.push(`Seed: “${text.slice(0, 100)}” is no number. Yours stays.`);
    return undefined;
  }
  const seed = Number(BigInt.asUintN(32, BigInt(text)));
  left.push(
    `The seed ${text} is larger than seeds are here; ${seed} draws the same noise on the processor.`,
  );
  return seed;
}

function modelOf(read: PairReader, installed: Installed, left: string[]) {
  const name = read.take('Model') ?? read.take('Model name');
  if (name === undefined) return {};
  const model = modelNamed(installed, name);
  if (model) return { modelId: model.id };
  left.push(`The model “${name}” is not installed. The one that is chosen stays.`);
  return {};
}

function sizeOf(read: PairReader): { width?: number; height?: number } {
  const [, width, height] = /^(\d+)\s*[x×]\s*(\d+)$/i.exec(read.take('Size')?.trim() ?? '') ?? [];
  return width === undefined || height === undefined
    ? {}
    : { width: Number(width), height: Number(height) };
}

function samplingOf(
  read: PairReader,
  left: string[],
): { scheduler?: SchedulerName; sigmaSchedule?: SigmaSchedule } {
  const sampler = read.take('Sampler');
  const type = read.take('Schedule type');
  if (sampler === undefined) return {};
  const found = parseSchedulerName(sampler);
  if (!found) {
    left.push(`The sampler “${sampler}” does not exist here. Yours stays.`);
    return {};
  }
  const { scheduler } = found;
  if (type === undefined) return { scheduler, sigmaSchedule: found.sigmaSchedule ?? 'normal' };
  if (/^automatic$/i.test(type.trim()))
    return { scheduler, sigmaSchedule: ownSchedules[scheduler] ?? 'normal' };
  const sigmaSchedule = parseScheduleName(type);
  if (sigmaSchedule) return { scheduler, sigmaSchedule };
  left.push(`The schedule “${type}” does not exist here. Yours stays.`);
  return { scheduler };
}

function optionsOf(
  read: PairReader,
  width: number | undefined,
  hasPairs: boolean,
  installed: Installed,
  left: string[],
) {
  return {
    noise: hasPairs ? noiseOf(read.take('RNG')) : undefined,
    clipSkip: clipSkipOf(read.number('Clip skip')),
    emphasis: emphasisOf(read.take('Emphasis'), left),
    variation: variationOf(read),
    samplerOptions: samplerOptionsOf(read),
    guidanceRescale:
      read.number('CFG rescale phi') ?? read.number('CFG rescale φ') ?? read.number('CFG rescale'),
    freeU: freeUOf(read),
    hiresFix: hiresFixOf(read, width, installed, left),
    upscale: upscaleOf(read, installed, left),
    refiner: refinerOf(read, installed, left),
    vaeId: vaeOf(read.take('VAE'), installed, left),
    decoder: read.take('VAE Decoder') === 'TAESD' ? 'tiny' : undefined,
    linearLayers: read.take('Linear layers'),
    tiledDiffusion: tiledDiffusionOf(read.take('Tiled Diffusion')),
  };
}

/** Before it was written, noise came from the graphics card, as Philox draws it. */
function noiseOf(rng: string | undefined) {
  return rng?.trim().toUpperCase() === 'CPU' ? 'cpu' : 'nv';
}

/** 0 was a way to say "none". */
function clipSkipOf(skip: number | undefined) {
  return skip === 0 ? 1 : skip;
}

function emphasisOf(word: string | undefined, left: string[]) {
  if (word === undefined) return undefined;
  const name = nameOf(emphasisWords, word);
  if (name === null) left.push(`The emphasis “${word}” does not exist here; “Original” is used.`);
  return name ?? undefined;
}

function variationOf(read: PairReader) {
  const seed = read.number('Variation seed');
  const strength = read.number('Variation seed strength');
  return seed === undefined || strength === undefined ? undefined : [{ seed, strength }];
}

function samplerOptionsOf(read: PairReader): Partial<SamplerOptions> {
  const eta = read.number('Eta') ?? read.number('Eta DDIM') ?? null;
  const sTmax = read.number('Sigma tmax') ?? null;
  return {
    eta,
    sChurn: read.number('Sigma churn') ?? 0,
    sTmin: read.number('Sigma tmin') ?? 0,
    // The web UI writes no end as infinite.
    sTmax: sTmax === Number.POSITIVE_INFINITY ? null : sTmax,
    sNoise: read.number('Sigma noise') ?? 1,
  };
}

function freeUOf(read: PairReader) {
  const isOn = read.take('freeu_enabled');
  const [b1, b2, s1, s2] = ['b1', 'b2', 's1', 's2'].map((name) => read.number(`freeu_${name}`));
  return isOn?.toLowerCase() === 'true' ? { b1, b2, s1, s2 } : undefined;
}

function hiresFixOf(
  read: PairReader,
  width: number | undefined,
  installed: Installed,
  left: string[],
) {
  const resized = resizedScale(read.take('Hires resize'), width);
  const scale = read.number('Hires upscale') ?? resized;
  const steps = read.number('Hires steps');
  const word = read.take('Hires upscaler');
  if (scale === undefined) return undefined;
  const strength = read.number('Denoising strength');
  const upscaler = upscalerOf(word, installed, left) ?? 'latent-bilinear';
  // As many as the first pass has are written as 0 or not at all.
  return { scale, steps: steps || null, upscaler, ...(strength === undefined ? {} : { strength }) };
}

/** The second pass can be asked for by its size instead. */
function resizedScale(size: string | undefined, firstWidth: number | undefined) {
  const [, width] = /^(\d+)x\d+$/.exec(size?.trim() ?? '') ?? [];
  return width && firstWidth ? Number(width) / firstWidth : undefined;
}

function upscaleOf(read: PairReader, installed: Installed, left: string[]) {
  const scale = read.number('Postprocess upscale by');
  const upscaler = upscalerOf(read.take('Postprocess upscaler'), installed, left);
  return scale === undefined ? undefined : { scale, upscaler: upscaler ?? 'lanczos' };
}

function upscalerOf(word: string | undefined, installed: Installed, left: string[]) {
  if (word === undefined || word === 'None') return null;
  const found = plainUpscaler(word) ?? installedAs(installed, 'upscaler', word);
  if (found === null)
    left.push(`The upscaler “${word}” is not installed; a plain one takes its place.`);
  return found;
}

function refinerOf(read: PairReader, installed: Installed, left: string[]) {
  const name = read.take('Refiner');
  const switchAt = read.number('Refiner switch at');
  if (name === undefined) return undefined;
  const bare = withoutHash(name);
  const model = modelNamed(installed, bare);
  if (model) return { modelId: model.id, ...(switchAt === undefined ? {} : { switchAt }) };
  left.push(`The refiner “${bare}” is not installed; the picture is finished without it.`);
  return undefined;
}

function vaeOf(name: string | undefined, installed: Installed, left: string[]) {
  if (name === undefined || /^(?:none|automatic)$/i.test(name)) return undefined;
  const found = installedAs(installed, 'vae', name);
  if (found === null)
    left.push(`The autoencoder “${name}” is not installed; the model’s own is used.`);
  return found ?? undefined;
}

function tiledDiffusionOf(text: string | undefined) {
  if (text === undefined) return undefined;
  try {
    const found = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const side = Number(found['Tile tile width']) * latentPixels;
    return { sidePx: side, overlapPx: Number(found['Tile Overlap']) * latentPixels };
  } catch {
    return {};
  }
}

/** @param strengthIsTaken whether the plain name belongs to the second pass */
function sourceOf(
  read: PairReader,
  strengthIsTaken: boolean,
  left: string[],
): ReusableSettings['source'] {
  const plain = strengthIsTaken ? undefined : read.number('Denoising strength');
  const strength = read.number('Source strength') ?? plain;
  const fit = nameOf(fitWords, read.take('Resize mode') ?? '') ?? undefined;
  const mask = {
    blurPx: read.number('Mask blur'),
    fill: nameOf(fillWords, read.take('Masked content') ?? '') ?? undefined,
    area: read.take('Inpaint area')?.toLowerCase() === 'only masked' ? 'masked' : undefined,
    paddingPx: read.number('Masked area padding') ?? read.number('Inpaint padding'),
  };
  const sides = /^left (\d+), top (\d+), right (\d+), bottom (\d+)$/.exec(
    read.take('Outpaint') ?? '',
  );
  if (strength === undefined) return null;
  const [leftPx, top, right, bottom] = (sides ?? []).slice(1).map(Number);
  const parsed = SourceNumbers.safeParse({
    strength,
    fit,
    mask: Object.values(mask).every((value) => value === undefined) ? null : mask,
    extend: sides ? { left: leftPx, top, right, bottom } : null,
  });
  if (!parsed.success) left.push('How it was made from another picture is not possible here.');
  return parsed.data ?? null;
}

function tellMissingEmbeddings(
  hashes: string | undefined,
  installed: Installed,
  left: string[],
): void {
  for (const entry of hashes?.split(',') ?? []) {
    const name = entry.split(':')[0]?.trim() ?? '';
    if (name !== '' && installedAs(installed, 'embedding', name) === null)
      left.push(`The embedding “${name}” is not installed. Its word stays in the prompt.`);
  }
}

function shown(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number}`;
}
