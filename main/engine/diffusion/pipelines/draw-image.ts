/**
 * Pictures from a model of latents, diffusion or flow: from a prompt, from another picture, under a mask.
 *
 * Promises: a picture depends only on settings, files, weights and provider: image i of a batch equals
 * the single image with seed + i; what lies outside a mask is the source's to the byte; cancelling takes
 * effect between steps; the event loop turns between steps.
 * Sources: Rombach et al. 2022, arXiv:2112.10752; image to image: Meng et al. 2021, arXiv:2108.01073.
 */
import { type DrawEvent, type DrawFiles, noDrawFiles } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { SessionPool } from '../../session.ts';
import type { Conditioning } from '../conditioning/conditioning.ts';
import type { EvaluationWatcher } from '../evaluation-watcher.ts';
import type { ImageModel } from '../image-model.ts';
import type { MaskPicture, Picture } from '../pixels/picture.ts';
import { resizeMask, resizePicture } from '../pixels/resize.ts';
import type { PreviewFactors } from '../preview.ts';
import { openAutoencoder } from './autoencoder.ts';
import { denoise } from './denoise.ts';
import { encodeForModel } from './encode-for-model.ts';
import { enlarge } from './enlarge.ts';
import { interpolateLatents, type LatentInterpolation } from './interpolate-latents.ts';
import { latentMask, maskedPlanar } from './latent-mask.ts';
import { createRunClock } from './run-clock.ts';
import { prepareSource } from './source-picture.ts';
import { createNoiseGenerator, startingNoise } from './starting-noise.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface DrawOptions {
  readonly signal: AbortSignal;
  /** Colours for live previews; null for none. */
  readonly previewFactors: PreviewFactors | null;
  readonly files?: DrawFiles;
  /** The model of `settings.refiner`. */
  readonly refiner?: ImageModel | null;
  /** Whether step events carry their latents. */
  readonly keepLatents?: boolean;
  readonly watcher?: EvaluationWatcher | null;
  /** Told the clean latents and their picture, for whoever fits preview factors. */
  readonly onDecoded?: (
    latents: Float32Array,
    width: number,
    height: number,
    rgb: Uint8Array,
  ) => void;
}

/**
 * Makes one picture.
 * @throws {StudioError} `bad-request` if size, steps, prompt or input pictures do not suit the model,
 *   `model-missing`, `model-invalid`, `out-of-memory`; the signal's reason when cancelled
 */
export async function* drawImage(
  pool: SessionPool,
  model: ImageModel,
  settings: ImageSettings,
  options: DrawOptions,
): AsyncGenerator<DrawEvent> {
  const { signal, previewFactors, files = noDrawFiles, keepLatents = false, onDecoded } = options;
  const { refiner = null, watcher = null } = options;
  const clock = createRunClock();
  checkSize(model, settings);
  if (refiner) checkRefiner(model, refiner);
  const autoencoder = await openAutoencoder(pool, model, settings.decoder, files.vae, {
    clock,
    signal,
  });
  const source =
    settings.source && files.source !== null
      ? await prepareSource(settings.source, { source: files.source, mask: files.mask }, settings)
      : null;

  // 1. Prompts to embeddings.
  yield { kind: 'loading', part: 'text encoder' };
  const hires = settings.hiresFix;
  const hiresSteps = hires ? (hires.steps ?? settings.steps) : 0;
  const passes = hires ? [settings.steps, hiresSteps] : [settings.steps];
  const conditioning = yield* encodeFor(model);
  const refining =
    settings.refiner && refiner
      ? {
          model: refiner,
          conditioning: yield* encodeFor(refiner),
          fromStep: Math.floor(settings.refiner.switchAt * settings.steps),
        }
      : null;

  // 2. Noise, or the noisy source, to latents.
  const generator = createNoiseGenerator(settings.noise, settings.seed);
  let wasSampled = false;
  const drawPosterior = (count: number) => {
    wasSampled = true;
    return generator.normals(count);
  };
  const size = latentSize(model, settings);
  const strength = source ? (settings.source?.strength ?? 1) : 1;
  // Encoded before the noise is drawn, since a sample of the posterior comes first in the stream. A model
  // that reads the mask sees what is kept, and starts from noise alone where nothing else is left.
  const original =
    source && !(model.readsMask && source.mask && strength === 1)
      ? await autoencoder.encode(source.picture, drawPosterior)
      : null;
  const noise = startingNoise(generator, model.latentChannels, size, settings);
  const maskChannels = model.readsMask
    ? await readableMask(source?.picture ?? null, source?.mask ?? null)
    : null;
  // The reference encodes the masked picture for every model, and its draw comes before those of the steps.
  if (!model.readsMask && source?.mask && wasSampled) generator.normals(noise.length);
  const shared = { pool, model, settings, conditioning, previewFactors, signal, clock, watcher };
  const firstSteps = Math.floor(settings.steps * strength);
  const stepsInAll = firstSteps + (hires ? Math.floor(hiresSteps * hires.strength) : 0);
  let latents = yield* denoise({
    ...shared,
    generator,
    size,
    noise,
    steps: settings.steps,
    refiner: refining,
    maskChannels,
    start: original
      ? {
          original,
          strength,
          mask: model.readsMask ? null : (source?.mask ?? null),
          fill: settings.source?.mask?.fill ?? 'original',
        }
      : null,
    branch:
      settings.branch && files.branch ? { ...files.branch, step: settings.branch.step } : null,
    progress: { done: 0, all: stepsInAll },
    keepLatents,
  });

  // 3. A second, larger pass, with noise of its own from the same seed.
  let finalSize: Size = settings;
  if (hires) {
    finalSize = scaledSize(settings, hires.scale, model.sizeMultiple);
    const larger = latentSize(model, finalSize);
    const mode = latentModeOf(hires.upscaler);
    const second = createNoiseGenerator(settings.noise, settings.seed);
    let enlarged: Float32Array;
    if (mode) enlarged = interpolateLatents(latents, size, larger, mode);
    else {
      const { picture } = await autoencoder.decode(latents, size);
      yield { kind: 'upscaling' };
      const own = { pool, clock, signal };
      const pixels = await enlarge(picture, finalSize, hires.upscaler, files.hiresUpscaler, own);
      enlarged = await autoencoder.encode(pixels, (count) => second.normals(count));
    }
    // Under a mask the second pass, too, keeps what is not painted.
    const { width, height } = finalSize;
    const mask = source?.mask ? await resizeMask(source.mask, width, height) : null;
    const below = source ? await resizePicture(source.picture, width, height) : null;
    latents = yield* denoise({
      ...shared,
      generator: second,
      size: larger,
      noise: startingNoise(second, model.latentChannels, larger, settings),
      steps: hiresSteps,
      refiner: null,
      maskChannels: model.readsMask ? await readableMask(below, mask, finalSize) : null,
      start: {
        original: enlarged,
        strength: hires.strength,
        mask: model.readsMask ? null : mask,
        fill: 'original',
      },
      branch: null,
      progress: { done: firstSteps, all: stepsInAll },
      keepLatents: false,
    });
  }

  // 4. Latents to pixels.
  yield { kind: 'decoding' };
  const last = latentSize(model, finalSize);
  const { picture: painted, provider } = await autoencoder.decode(latents, last);
  onDecoded?.(latents, last.width, last.height, painted.rgb);
  let picture = source ? await source.finish(painted) : painted;
  if (settings.upscale) {
    yield { kind: 'upscaling' };
    const { upscaler, scale } = settings.upscale;
    const enlarged = scaledSize(picture, scale, 1);
    const own = { pool, clock, signal };
    picture = await enlarge(picture, enlarged, upscaler, files.upscaler, own);
  }
  const { width, height, rgb } = picture;
  yield { kind: 'image', width, height, rgb, provider, ...clock.totals() };

  async function* encodeFor(own: ImageModel): AsyncGenerator<DrawEvent, Conditioning> {
    if (own === model) yield { kind: 'encoding' };
    return await encodeForModel(pool, own, settings, { passes, clock, signal });
  }

  /** Without a mask all is painted anew. */
  async function readableMask(
    picture: Picture | null,
    mask: MaskPicture | null,
    pixels: Size = settings,
  ): Promise<Float32Array> {
    const own = latentSize(model, pixels);
    const levels = mask
      ? latentMask(mask, own, 1)
      : new Float32Array(own.width * own.height).fill(1);
    const kept = await autoencoder.encodePlanar(
      maskedPlanar(pixels, picture, mask),
      pixels,
      drawPosterior,
    );
    return Float32Array.of(...levels, ...kept);
  }
}

function latentSize({ spatialFactor }: ImageModel, { width, height }: Size): Size {
  return { width: width / spatialFactor, height: height / spatialFactor };
}

function scaledSize({ width, height }: Size, scale: number, multiple: number): Size {
  const side = (pixels: number) => Math.max(1, Math.round((pixels * scale) / multiple)) * multiple;
  return { width: side(width), height: side(height) };
}

const latentModes: Readonly<Record<string, LatentInterpolation>> = {
  'latent-nearest': 'nearest',
  'latent-bilinear': 'bilinear',
  'latent-bicubic': 'bicubic',
};

function latentModeOf(upscaler: string): LatentInterpolation | null {
  return latentModes[upscaler] ?? null;
}

function checkRefiner(model: ImageModel, refiner: ImageModel): void {
  const fits =
    refiner.latentChannels === model.latentChannels &&
    refiner.spatialFactor === model.spatialFactor &&
    refiner.readsMask === model.readsMask &&
    refiner.flow?.kind === model.flow?.kind;
  if (fits) return;
  throw new StudioError(
    'bad-request',
    `"${refiner.id}" cannot finish what "${model.id}" begins: their latents differ. Choose a refiner of the same family.`,
    { id: refiner.id },
  );
}

function checkSize({ sizeMultiple }: ImageModel, { width, height }: ImageSettings): void {
  for (const [name, side] of [
    ['Width', width],
    ['Height', height],
  ] as const) {
    if (side % sizeMultiple === 0) continue;
    const nearest = Math.max(sizeMultiple, Math.round(side / sizeMultiple) * sizeMultiple);
    throw new StudioError(
      'bad-request',
      `${name} must be a multiple of ${sizeMultiple} pixels for this model. The nearest to ${side} is ${nearest}.`,
      { nearest },
    );
  }
}
