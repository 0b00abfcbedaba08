import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noDrawFiles, type DrawFiles } from '../../../../contract/engine.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  largestDifference,
  neverAborted,
  openTestPool,
  settingsWith,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel, type ImageModel } from '../image-model.ts';
import { drawImage } from '../pipelines/draw-image.ts';
import { createAdapters } from './adapters.ts';

const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    guidance: z.number(),
    steps: z.number(),
    cases: z.record(z.string(), z.array(z.number())),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-adapters.json'), 'utf8')));
const file = (name: string) => path.join(goldenFolder, 'tiny-adapters', name);

let testPool: TestPool;
let model: ImageModel;
beforeAll(async () => {
  testPool = await openTestPool();
  const id = 'tiny-stable-diffusion';
  model = await loadImageModel({ id, folder: path.join(goldenFolder, id) });
});
afterAll(() => testPool[Symbol.asyncDispose]());

const adapters = createAdapters();

async function drawLatents(
  files: Partial<DrawFiles>,
  change: Partial<ImageSettings> = {},
): Promise<Float32Array> {
  let latents = new Float32Array();
  const all = { ...noDrawFiles, ...files };
  const settings = settingsWith({
    prompt: golden.prompt,
    negativePrompt: golden.negativePrompt,
    seed: golden.seed,
    guidanceScale: golden.guidance,
    steps: golden.steps,
    ...change,
  });
  const pool = await adapters.adapt(testPool.pool, model, all);
  await collect(
    drawImage(pool, model, settings, {
      signal: neverAborted,
      previewFactors: null,
      files: all,
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return latents;
}

const lora = (name: string, unetWeight: number, textWeight: number) => ({
  name,
  path: file(`${name}.safetensors`),
  unetWeight,
  textWeight,
});

const expected = (name: string) => golden.cases[name] ?? [];

describe('LoRA', () => {
  it.each([
    ['base', []],
    ['kohya', [lora('kohya', 1, 1)]],
    ['kohya, text alone', [lora('kohya', 0, 0.7)]],
    ['diffusers', [lora('diffusers', 0.8, 0)]],
    ['both', [lora('kohya', 0.6, 0.4), lora('diffusers', -0.5, 1)]],
  ])('draw what the merged weights draw: %s', async (name, loras) => {
    expect(largestDifference(await drawLatents({ loras }), expected(name))).toBeLessThan(1e-3);
  });

  it('of weight 0 change nothing, and are gone when they are removed', async () => {
    const base = await drawLatents({});
    expect(await drawLatents({ loras: [lora('kohya', 0, 0)] })).toEqual(base);
    await drawLatents({ loras: [lora('kohya', 1, 1)] });
    expect(await drawLatents({})).toEqual(base);
  });

  it('change their weight, their order and their file without another session', async () => {
    await drawLatents({ loras: [lora('kohya', 1, 1)] });
    await drawLatents({ loras: [lora('kohya', 0.6, 0.4), lora('diffusers', -0.5, 1)] });
    const before = testPool.pool.openedSessions;
    await drawLatents({ loras: [lora('kohya', 0.3, 0.2)] });
    await drawLatents({ loras: [lora('diffusers', 2, 1), lora('kohya', -1, 1)] });
    expect(testPool.pool.openedSessions).toBe(before);
  });
});
