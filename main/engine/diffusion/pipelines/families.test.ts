import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noDrawFiles } from '../../../../contract/engine.ts';
import { Source } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import { SchedulerName } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  largestDifference,
  neverAborted,
  openTestPool,
  settingsWith,
  sparsePixels,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel, type ImageModel } from '../image-model.ts';
import { drawImage } from './draw-image.ts';

const numbers = z.array(z.number());
const prompts = { prompt: z.string(), negativePrompt: z.string(), seed: z.number() };
const xlGolden = z
  .object({
    ...prompts,
    cases: z.array(
      z.object({
        name: z.string(),
        spacing: z.enum(['leading', 'trailing']),
        settings: z.object({
          width: z.number(),
          height: z.number(),
          scheduler: SchedulerName,
          steps: z.number(),
          guidanceScale: z.number(),
          negativePrompt: z.string(),
          clipSkip: z.number().default(1),
        }),
        latents: numbers,
        pixels: numbers,
      }),
    ),
    imageToImage: z.object({ strength: z.number(), steps: z.number(), latents: numbers }),
    refined: z.object({ switchAt: z.number(), steps: z.number(), latents: numbers }),
  })
  .parse(readGolden('tiny-sdxl.json'));
const sd2Golden = z
  .object({
    ...prompts,
    cases: z.array(
      z.object({
        settings: z.object({
          scheduler: SchedulerName,
          steps: z.number(),
          guidanceScale: z.number(),
        }),
        latents: numbers,
        pixels: numbers,
      }),
    ),
  })
  .parse(readGolden('tiny-sd2.json'));
const skipGolden = z
  .object({
    ...prompts,
    steps: z.number(),
    guidanceScale: z.number(),
    clipSkip: z.number(),
    latents: numbers,
  })
  .parse(readGolden('tiny-clip-skip.json'));

function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(path.join(goldenFolder, name), 'utf8'));
}

let testPool: TestPool;
let tiny: ImageModel;
let xl: ImageModel;
let xlRefiner: ImageModel;

beforeAll(async () => {
  testPool = await openTestPool();
  const load = (id: string, folder = path.join(goldenFolder, id)) => loadImageModel({ id, folder });
  tiny = await load('tiny-stable-diffusion');
  xl = await load('tiny-sdxl');
  // The refiner's own files, and the parts that it shares with the model.
  const folder = path.join(testPool.folder, 'refiner');
  for (const part of ['text_encoder_2', 'tokenizer_2', 'vae_decoder', 'scheduler'])
    await cp(path.join(goldenFolder, 'tiny-sdxl', part), path.join(folder, part), {
      recursive: true,
    });
  await cp(path.join(goldenFolder, 'tiny-sdxl-refiner'), folder, { recursive: true });
  xlRefiner = await load('tiny-sdxl-refiner', folder);
});
afterAll(() => testPool[Symbol.asyncDispose]());

async function draw(
  model: ImageModel,
  change: Partial<ImageSettings>,
  refiner: ImageModel | null = null,
  source: string | null = null,
) {
  let latents = new Float32Array();
  const { image } = await collect(
    drawImage(testPool.pool, model, settingsWith(change), {
      signal: neverAborted,
      previewFactors: null,
      refiner,
      files: { ...noDrawFiles, source },
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return { image, latents };
}

describe('Stable Diffusion XL', () => {
  it.each(xlGolden.cases)('draws what diffusers draws: $name', async (expected) => {
    const schedulerConfig = { ...xl.schedulerConfig, timestep_spacing: expected.spacing };
    const { prompt, seed } = xlGolden;
    const settings = { prompt, seed, ...expected.settings };
    const { latents, image } = await draw({ ...xl, schedulerConfig }, settings);
    expect(largestDifference(latents, expected.latents)).toBeLessThan(1e-3);
    expect(largestDifference(sparsePixels(image, 8), expected.pixels)).toBeLessThanOrEqual(1);
  });

  it('makes a picture from a picture as diffusers does', async () => {
    const { prompt, negativePrompt, seed, imageToImage } = xlGolden;
    const { steps, strength, latents: expected } = imageToImage;
    const { latents } = await draw(
      xl,
      {
        prompt,
        negativePrompt,
        seed,
        steps,
        guidanceScale: 5,
        scheduler: 'euler',
        source: Source.parse({ picture: '0'.repeat(64), strength }),
      },
      null,
      path.join(goldenFolder, 'tiny-adapters/control.png'),
    );
    expect(largestDifference(latents, expected)).toBeLessThan(1e-3);
  });

  it('hands over to its refiner as diffusers does', async () => {
    const { prompt, negativePrompt, seed, refined } = xlGolden;
    const { steps, switchAt } = refined;
    const settings = { prompt, negativePrompt, seed, steps, guidanceScale: 5 };
    const { latents } = await draw(
      xl,
      { ...settings, scheduler: 'euler', refiner: { modelId: 'tiny-sdxl-refiner', switchAt } },
      xlRefiner,
    );
    expect(largestDifference(latents, refined.latents)).toBeLessThan(1e-3);
  });

  it('has no more layers to skip than its encoders have', async () => {
    await expect(draw(xl, { clipSkip: 4 })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('at most 3'),
    });
  });
});

describe('Stable Diffusion 2', () => {
  it.each(sd2Golden.cases)(
    'draws what diffusers draws: $settings.scheduler, v-prediction',
    async ({ settings, latents: expected, pixels }) => {
      const { prompt, negativePrompt, seed } = sd2Golden;
      const model = await loadImageModel({
        id: 'tiny-sd2',
        folder: path.join(goldenFolder, 'tiny-sd2'),
      });
      const { latents, image } = await draw(model, { prompt, negativePrompt, seed, ...settings });
      expect(largestDifference(latents, expected)).toBeLessThan(1e-3);
      expect(largestDifference(sparsePixels(image, 8), pixels)).toBeLessThanOrEqual(1);
    },
  );
});

describe('CLIP skip', () => {
  const { latents: expected, ...settings } = skipGolden;

  it('leaves out the last layer as diffusers does', async () => {
    const { latents } = await draw(tiny, settings);
    expect(largestDifference(latents, expected)).toBeLessThan(1e-3);
    const { latents: whole } = await draw(tiny, { ...settings, clipSkip: 1 });
    expect(largestDifference(whole, expected)).toBeGreaterThan(1e-2);
  });

  it('of as many layers as there are is refused', async () => {
    await expect(draw(tiny, { ...settings, clipSkip: 3 })).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('CLIP skip'),
    });
  });
});
