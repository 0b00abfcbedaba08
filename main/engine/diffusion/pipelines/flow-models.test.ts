import { readFileSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { z } from 'zod';
import { noDrawFiles, type DrawFiles } from '../../../../contract/engine.ts';
import { Source } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import { createAdapters } from '../adapters/adapters.ts';
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
import { loadSentenceTokenizer } from '../prompt/sentence-tokenizer.ts';
import { drawImage } from './draw-image.ts';

const numbers = z.array(z.number());
const drawn = z.object({
  name: z.string(),
  settings: z.object({
    width: z.number(),
    height: z.number(),
    steps: z.number(),
    guidanceScale: z.number(),
  }),
  latents: numbers,
  pixels: numbers,
});
/** Made by models/recipes/golden/tiny_sd3.py. */
const sd3Golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    cases: z.array(drawn.extend({ hasT5: z.boolean() })),
    fromPicture: z.object({
      strength: z.number(),
      steps: z.number(),
      guidanceScale: z.number(),
      latents: numbers,
    }),
  })
  .parse(readGolden('tiny-sd3.json'));
/** Made by models/recipes/golden/tiny_flux.py. */
const fluxGolden = z
  .object({
    prompt: z.string(),
    seed: z.number(),
    cases: z.array(drawn.extend({ model: z.enum(['tiny-flux', 'tiny-flux-schnell']) })),
  })
  .parse(readGolden('tiny-flux.json'));

function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(path.join(goldenFolder, name), 'utf8'));
}

let testPool: TestPool;
let sd3: ImageModel;
let sd3WithoutT5: ImageModel;
let fluxModels: Readonly<Record<'tiny-flux' | 'tiny-flux-schnell', ImageModel>>;

beforeAll(async () => {
  testPool = await openTestPool();
  const load = (id: string, folder = path.join(goldenFolder, id)) => loadImageModel({ id, folder });
  sd3 = await load('tiny-sd3');
  sd3WithoutT5 = await load('sd3-without-t5', await copied('tiny-sd3', 'text_encoder_3'));
  // It shares all but its transformer and its scheduler.
  const schnell = await copied('tiny-flux', 'transformer', 'schnell');
  await cp(path.join(goldenFolder, 'tiny-flux-schnell'), schnell, { recursive: true });
  fluxModels = {
    'tiny-flux': await load('tiny-flux'),
    'tiny-flux-schnell': await load('tiny-flux-schnell', schnell),
  };
});
afterAll(() => testPool[Symbol.asyncDispose]());

/** @returns a copy of the golden model without one of its parts */
async function copied(model: string, without: string, name = `${model}-${without}`) {
  const folder = path.join(testPool.folder, name.replaceAll('/', '-'));
  await cp(path.join(goldenFolder, model), folder, { recursive: true });
  await rm(path.join(folder, without), { recursive: true });
  return folder;
}

async function draw(
  model: ImageModel,
  change: Partial<ImageSettings>,
  files: DrawFiles = noDrawFiles,
) {
  let latents = new Float32Array();
  const settings = settingsWith({ scheduler: 'flow-euler', ...change });
  const { image } = await collect(
    drawImage(testPool.pool, model, settings, {
      signal: neverAborted,
      previewFactors: null,
      files,
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return { image, latents };
}

describe('Stable Diffusion 3', () => {
  const { cases, fromPicture, ...asked } = sd3Golden;

  it.each(cases)('draws what diffusers draws: $name', async (expected) => {
    const model = expected.hasT5 ? sd3 : sd3WithoutT5;
    const { latents, image } = await draw(model, { ...asked, ...expected.settings });
    expect(largestDifference(latents, expected.latents)).toBeLessThan(1e-3);
    expect(largestDifference(sparsePixels(image, 8), expected.pixels)).toBeLessThanOrEqual(1);
  });

  it('goes on from a picture as diffusers does', async () => {
    // The same pixels as in models/recipes/golden/tiny_image_to_image.py.
    const side = 64;
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, index) => {
      const x = Math.floor(index / 3) % side;
      const y = Math.floor(index / 3 / side);
      return [x * 4, y * 4, (x * y) % 256][index % 3] ?? 0;
    });
    const file = path.join(testPool.folder, 'source.png');
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).toFile(file);
    const { strength, latents: expected, ...settings } = fromPicture;
    const source = Source.parse({ picture: 'a'.repeat(64), strength });
    const files = { ...noDrawFiles, source: file };
    const { latents } = await draw(sd3, { ...asked, ...settings, source }, files);
    expect(largestDifference(latents, expected)).toBeLessThan(1e-3);
  });

  it('draws another picture without T5', () => {
    const [withT5, , without] = cases;
    expect(largestDifference(withT5?.latents ?? [], without?.latents ?? [])).toBeGreaterThan(1e-2);
  });

  it('hears the weights of words, of CLIP and of T5 alike', async () => {
    const change = { steps: 2, guidanceScale: 1 };
    const plain = await draw(sd3, { ...change, prompt: 'a red apple' });
    const weighed = await draw(sd3, { ...change, prompt: 'a (red:1.5) apple' });
    expect(largestDifference(weighed.latents, plain.latents)).toBeGreaterThan(1e-3);
    const same = await draw(sd3, { ...change, prompt: 'a red apple', emphasis: 'comfy' });
    expect(largestDifference(same.latents, plain.latents)).toBe(0);
  });

  it('refuses methods that are made for diffusion, and names those that can', async () => {
    await expect(draw(sd3, { scheduler: 'dpmpp-2m' })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('Flow Euler'),
    });
  });

  it('refuses sizes beyond its places, and such as make no whole patches', async () => {
    await expect(draw(sd3, { width: 272 })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('at most 256'),
    });
    await expect(draw(sd3, { width: 72 })).rejects.toMatchObject({
      message: expect.stringContaining('multiple of 16'),
    });
  });

  it('refuses what is made for UNets', async () => {
    const settings = settingsWith({ freeU: { b1: 1.1, b2: 1.2, s1: 0.9, s2: 0.2 } });
    await expect(
      createAdapters().adapt(testPool.pool, sd3, settings, noDrawFiles),
    ).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('UNets') });
  });
});

describe('Flux', () => {
  const { cases, ...asked } = fluxGolden;

  it.each(cases)('draws what diffusers draws: $name', async (expected) => {
    const { latents, image } = await draw(fluxModels[expected.model], {
      ...asked,
      ...expected.settings,
    });
    expect(largestDifference(latents, expected.latents)).toBeLessThan(1e-3);
    expect(largestDifference(sparsePixels(image, 8), expected.pixels)).toBeLessThanOrEqual(1);
  });

  it('is told the guidance only where it was distilled with it', async () => {
    const at = async (model: ImageModel, guidanceScale: number) =>
      (await draw(model, { ...asked, steps: 1, guidanceScale })).latents;
    const { 'tiny-flux': distilled, 'tiny-flux-schnell': schnell } = fluxModels;
    expect(largestDifference(await at(distilled, 2), await at(distilled, 6))).toBeGreaterThan(1e-4);
    expect(largestDifference(await at(schnell, 2), await at(schnell, 6))).toBe(0);
  });
});

describe('a folder of a rectified flow', () => {
  it.each([
    ['tiny-sd3', 'text_encoder_2/model.onnx'],
    ['tiny-sd3', 'transformer/model.onnx'],
    ['tiny-sd3', 'transformer/config.json'],
    ['tiny-sd3', 'tokenizer_3/tokenizer.json'],
    ['tiny-flux', 'text_encoder_2/model.onnx'],
    ['tiny-flux', 'tokenizer_2/tokenizer.json'],
  ])('%s without %s is refused by name', async (model, part) => {
    const folder = await copied(model, part);
    await expect(loadImageModel({ id: model, folder })).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining(part),
    });
  });

  it('of another kind of transformer says which it is', async () => {
    const folder = await copied('tiny-sd3', 'transformer/config.json', 'other');
    const config = { _class_name: 'PixArtTransformer2DModel', in_channels: 16 };
    await writeFile(path.join(folder, 'transformer/config.json'), JSON.stringify(config));
    await expect(loadImageModel({ id: 'other', folder })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('PixArtTransformer2DModel'),
    });
  });
});

describe('the tokenizer of T5', () => {
  it('ends each text and has no start', async () => {
    const folder = path.join(goldenFolder, 'tiny-sd3/tokenizer_3');
    const { encode, endIds, padId } = await loadSentenceTokenizer(folder);
    expect({ endIds, padId, empty: encode(''), blank: encode(' ') }).toEqual({
      endIds: [1],
      padId: 0,
      empty: [],
      blank: [],
    });
    expect(encode('a red apple')).toHaveLength(3);
  });
});
