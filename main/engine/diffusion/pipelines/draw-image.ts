/**
 * Pictures from a Stable-Diffusion-shaped model: from a prompt, from another picture, under a mask.
 *
 * Promises: a picture depends only on settings, files, weights and provider: image i of a batch equals
 * the single image with seed + i; what lies outside a mask is the source's to the byte; cancelling takes
 * effect between steps; the event loop turns between steps.
 * Sources: Rombach et al. 2022, arXiv:2112.10752; image to image: Meng et al. 2021, arXiv:2108.01073.
 */
import { type DrawEvent, type DrawFiles, noDrawFiles } from '../../../../contract/engine.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { latentUpscalerNames, pixelUpscalerNames } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { PromptChunks } from '../../../../contract/queue.ts';
import type { SessionPool } from '../../session.ts';
import { createTorchGenerator } from '../../tensor/torch-generator.ts';
import type { ImageModel } from '../image-model.ts';
import { toPlanar, type Picture } from '../pixels/picture.ts';
import { resizePicture, type ResizeMethod } from '../pixels/resize.ts';
import type { PreviewFactors } from '../preview.ts';
import { chunkCountOf, chunkSizeOf } from '../prompt/chunks.ts';
import { encodePrompts, type TextEmbeddings } from '../text-conditioning.ts';
import { decodeLatents } from '../vae-decoder.ts';
import { encodePixels } from '../vae-encoder.ts';
import { denoise } from './denoise.ts';
import { interpolateLatents, type LatentInterpolation } from './interpolate-latents.ts';
import { createRunClock } from './run-clock.ts';
import { prepareSource } from './source-picture.ts';
import { startingNoise } from './starting-noise.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface DrawOptions {
  readonly signal: AbortSignal;
  /** Colours for live previews; null for none. */
  readonly previewFactors: PreviewFactors | null;
  readonly files?: DrawFiles;
  /** Whether step events carry their latents. */
  readonly keepLatents?: boolean;
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
  { signal, previewFactors, files = noDrawFiles, keepLatents = false, onDecoded }: DrawOptions,
): AsyncGenerator<DrawEvent> {
  checkSize(model, settings);
  checkKnown(settings);
  const clock = createRunClock();
  const source =
    settings.source && files.source !== null
      ? await prepareSource(settings.source, { source: files.source, mask: files.mask }, settings)
      : null;

  // 1. Prompts to embeddings; the unconditional one first, as the reference has it.
  yield { kind: 'loading', part: 'text encoder' };
  let embeddings: TextEmbeddings;
  {
    await using lease = await pool.borrow(model.id, model.graphs.textEncoder, { signal });
    yield { kind: 'encoding' };
    // A model distilled with guidance is told the scale instead.
    const guided = settings.guidanceScale > 1 && model.guidanceEmbeddingWidth === null;
    const prompts = guided ? [settings.negativePrompt, settings.prompt] : [settings.prompt];
    embeddings = await clock.measure(lease.session, () =>
      encodePrompts(lease.session, model.tokenizer, prompts, signal),
    );
  }

  // 2. Noise, or the noisy source, to latents.
  const generator = createTorchGenerator(settings.seed);
  const size = latentSize(model, settings);
  // Encoded before the noise is drawn, since a sample of the posterior comes first in the stream.
  const original = source ? await encode(source.picture) : null;
  const noise = startingNoise(generator, model.latentChannels, size, settings.variation);
  const shared = { pool, model, settings, embeddings, generator, previewFactors, signal, clock };
  const hires = settings.hiresFix;
  const hiresSteps = hires ? (hires.steps ?? settings.steps) : 0;
  const stepsInAll =
    settings.steps + (hires ? Math.floor(hiresSteps * Math.min(1, hires.strength)) : 0);
  let latents = yield* denoise({
    ...shared,
    size,
    noise,
    steps: settings.steps,
    start: original
      ? {
          original,
          strength: settings.source?.strength ?? 1,
          mask: source?.mask ?? null,
          fill: settings.source?.mask?.fill ?? 'original',
        }
      : null,
    branch:
      settings.branch && files.branch ? { ...files.branch, step: settings.branch.step } : null,
    progress: { done: 0, all: stepsInAll },
    keepLatents,
  });

  // 3. A second, larger pass.
  let finalSize: Size = settings;
  if (hires) {
    finalSize = scaledSize(settings, hires.scale, model.sizeMultiple);
    const larger = latentSize(model, finalSize);
    const mode = latentModeOf(hires.upscaler);
    const enlarged = mode
      ? interpolateLatents(latents, size, larger, mode)
      : await encode(
          await resizePicture(
            await decode(latents, size),
            finalSize.width,
            finalSize.height,
            resizeMethodOf(hires.upscaler),
          ),
        );
    const fresh = startingNoise(
      createTorchGenerator(settings.seed),
      model.latentChannels,
      larger,
      settings.variation,
    );
    latents = yield* denoise({
      ...shared,
      size: larger,
      noise: fresh,
      steps: hiresSteps,
      start: { original: enlarged, strength: hires.strength, mask: null, fill: 'original' },
      branch: null,
      progress: { done: settings.steps, all: stepsInAll },
      keepLatents: false,
    });
  }

  // 4. Latents to pixels.
  yield { kind: 'decoding' };
  const painted = await decode(latents, latentSize(model, finalSize));
  const { width, height } = latentSize(model, finalSize);
  onDecoded?.(latents, width, height, painted.rgb);
  let picture = source && !hires ? await source.finish(painted) : painted;
  if (settings.upscale) {
    yield { kind: 'upscaling' };
    const { upscaler, scale } = settings.upscale;
    const enlarged = scaledSize(picture, scale, 1);
    picture = await resizePicture(
      picture,
      enlarged.width,
      enlarged.height,
      resizeMethodOf(upscaler),
    );
  }
  await using lease = await pool.borrow(model.id, model.graphs.vaeDecoder, { signal });
  yield {
    kind: 'image',
    width: picture.width,
    height: picture.height,
    rgb: picture.rgb,
    provider: lease.session.provider,
    ...clock.totals(),
  };

  async function encode(pixels: Picture): Promise<Float32Array> {
    if (model.graphs.vaeEncoder === null) {
      throw new StudioError(
        'bad-request',
        'This model cannot start from a picture: its folder has no vae_encoder. Choose another model, or draw without an input picture.',
      );
    }
    await using encoder = await pool.borrow(model.id, model.graphs.vaeEncoder, { signal });
    return await clock.measure(encoder.session, () =>
      encodePixels(encoder.session, toPlanar(pixels), pixels.width, pixels.height, {
        ...model,
        signal,
        drawNoise: (count) => generator.normals(count),
      }),
    );
  }

  async function decode(values: Float32Array, own: Size): Promise<Picture> {
    await using decoder = await pool.borrow(model.id, model.graphs.vaeDecoder, { signal });
    const rgb = await clock.measure(decoder.session, () =>
      decodeLatents(decoder.session, values, own.width, own.height, { ...model, signal }),
    );
    const { spatialFactor } = model;
    return { width: own.width * spatialFactor, height: own.height * spatialFactor, rgb };
  }
}

/** How many tokens and chunks a prompt takes; nothing is loaded but the tokenizer. */
export function countPromptTokens({ tokenizer }: ImageModel, prompt: string): PromptChunks {
  const tokens = tokenizer.encode(prompt).length;
  return { tokens, chunks: chunkCountOf(tokens, tokenizer), chunkSize: chunkSizeOf(tokenizer) };
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

function resizeMethodOf(upscaler: string): ResizeMethod {
  if (upscaler === 'nearest' || upscaler === 'bicubic' || upscaler === 'lanczos') return upscaler;
  throw new StudioError(
    'bad-request',
    `There is no upscaler "${upscaler}". Choose ${pixelUpscalerNames.join(', ')}, or for a second pass ${latentUpscalerNames.join(', ')}.`,
  );
}

/** What this version cannot do is refused before the work, not left out of the picture. */
function checkKnown({
  clipSkip,
  emphasis,
  noise,
  loras,
  controls,
  ...settings
}: ImageSettings): void {
  const asked = [
    [clipSkip > 1, 'CLIP skip'],
    [emphasis !== 'original', 'another emphasis'],
    [noise !== 'cpu', 'noise of another generator'],
    [loras.length > 0, 'LoRA'],
    [controls.length > 0, 'ControlNet'],
    [settings.vaeId !== null, 'another autoencoder'],
    [settings.decoder !== 'full', 'a tiny decoder'],
    [settings.refiner !== null, 'a refiner'],
    [settings.tiledDiffusion !== null, 'tiled diffusion'],
  ] as const;
  const first = asked.find(([isAsked]) => isAsked);
  if (!first) return;
  throw new StudioError(
    'unsupported',
    `This version cannot draw with ${first[1]} yet. Switch it off and draw again.`,
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
