/** Stable Diffusion XL under a mask, and distilled with guidance. */
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noDrawFiles, type DrawFiles } from '../../../../contract/engine.ts';
import { Mask, Source } from '../../../../contract/image-options.ts';
import { SchedulerName, type ImageSettings } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  largestDifference,
  neverAborted,
  openTestPool,
  relativeL2,
  settingsWith,
  sparsePixels,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel, type ImageModel } from '../image-model.ts';
import { drawImage } from './draw-image.ts';

const numbers = z.array(z.number());
/** Made by models/recipes/golden/tiny_sdxl_inpainting.py. */
const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    cases: z.array(
      z.object({
        kind: z.enum(['inpaint', 'inpaint-9']),
        scheduler: SchedulerName,
        strength: z.number(),
        steps: z.number(),
        latents: numbers,
      }),
    ),
    consistency: z.array(
      z.object({
        guidanceScale: z.number(),
        steps: z.number(),
        latents: numbers,
        pixels: numbers,
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-sdxl-inpainting.json'), 'utf8')));

const side = 64;
let testPool: TestPool;
let models: Readonly<Record<'inpaint' | 'inpaint-9' | 'consistency', ImageModel>>;
let files: DrawFiles;

beforeAll(async () => {
  testPool = await openTestPool();
  const xlFolder = path.join(goldenFolder, 'tiny-sdxl');
  // They share all but their UNets.
  const withUnet = async (id: string) => {
    const folder = path.join(testPool.folder, id);
    await cp(xlFolder, folder, { recursive: true });
    await cp(path.join(goldenFolder, id), folder, { recursive: true });
    return await loadImageModel({ id, folder });
  };
  models = {
    inpaint: await loadImageModel({ id: 'tiny-sdxl', folder: xlFolder }),
    'inpaint-9': await withUnet('tiny-sdxl-inpainting'),
    consistency: await withUnet('tiny-sdxl-consistency'),
  };
  // The same pixels as in models/recipes/golden/tiny_image_to_image.py.
  const rgb = Uint8Array.from({ length: side * side * 3 }, (_, index) => {
    const x = Math.floor(index / 3) % side;
    const y = Math.floor(index / 3 / side);
    return [x * 4, y * 4, (x * y) % 256][index % 3] ?? 0;
  });
  const levels = Uint8Array.from({ length: side * side }, (_, index) => {
    const y = Math.floor(index / side);
    return y >= 16 && y < 48 && index % side >= 24 ? 255 : 0;
  });
  const source = path.join(testPool.folder, 'source.png');
  const mask = path.join(testPool.folder, 'mask.png');
  await sharp(rgb, { raw: { width: side, height: side, channels: 3 } }).toFile(source);
  await sharp(levels, { raw: { width: side, height: side, channels: 1 } }).toFile(mask);
  files = { ...noDrawFiles, source, mask };
});
afterAll(() => testPool[Symbol.asyncDispose]());

async function draw(model: ImageModel, change: Partial<ImageSettings>, own = noDrawFiles) {
  const { prompt, negativePrompt, seed } = golden;
  let latents = new Float32Array();
  const settings = settingsWith({ prompt, negativePrompt, seed, ...change });
  const { image } = await collect(
    drawImage(testPool.pool, model, settings, {
      signal: neverAborted,
      previewFactors: null,
      files: own,
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return { latents, image };
}

describe('Stable Diffusion XL under a mask', () => {
  it.each(golden.cases)(
    'draws what diffusers draws: $kind, $scheduler, strength $strength',
    async ({ kind, scheduler, strength, steps, latents: expected }) => {
      const picture = 'a'.repeat(64);
      const source = Source.parse({ picture, strength, mask: Mask.parse({ picture }) });
      const change = { scheduler, steps, guidanceScale: 5, source };
      const { latents } = await draw(models[kind], change, files);
      expect(relativeL2(latents, expected)).toBeLessThan(1e-3);
    },
  );
});

describe('Stable Diffusion XL distilled with guidance', () => {
  it.each(golden.consistency)(
    'draws what diffusers draws: told $guidanceScale',
    async ({ latents: expected, pixels, ...change }) => {
      const { latents, image } = await draw(models.consistency, { ...change, scheduler: 'lcm' });
      expect(relativeL2(latents, expected)).toBeLessThan(1e-3);
      expect(largestDifference(sparsePixels(image, 8), pixels)).toBeLessThanOrEqual(1);
    },
  );

  it('hears what it is told', () => {
    const [low, high] = golden.consistency;
    expect(relativeL2(low?.latents ?? [], high?.latents ?? [])).toBeGreaterThan(1e-2);
  });
});
