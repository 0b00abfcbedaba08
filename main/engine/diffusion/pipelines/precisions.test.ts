import { readFileSync } from 'node:fs';
import { copyFile, cp } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  collect,
  goldenFolder,
  neverAborted,
  openTestPool,
  settingsWith,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel } from '../image-model.ts';
import { drawImage } from './draw-image.ts';

// float16 is compared with diffusers in draw-image.test.ts: the tiny consistency model.
const golden = z
  .object({
    prompt: z.string(),
    seed: z.number(),
    cases: z.array(z.object({ name: z.string(), latents: z.array(z.number()) })),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-sdxl.json'), 'utf8')));

let testPool: TestPool;
beforeAll(async () => void (testPool = await openTestPool()));
afterAll(() => testPool[Symbol.asyncDispose]());

/** @returns how far the latents are from those of float32, relative L2 */
async function lossOf(graph: string): Promise<number> {
  const folder = path.join(testPool.folder, path.parse(graph).name);
  await cp(path.join(goldenFolder, 'tiny-sdxl'), folder, { recursive: true });
  await copyFile(path.join(goldenFolder, 'tiny-int8', graph), path.join(folder, 'unet/model.onnx'));
  const model = await loadImageModel({ id: graph, folder });
  const expected = golden.cases.find(({ name }) => name === 'guided')?.latents ?? [];
  let latents = new Float32Array();
  const settings = settingsWith({
    prompt: golden.prompt,
    negativePrompt: 'blurry',
    seed: golden.seed,
    scheduler: 'euler',
    guidanceScale: 5,
    steps: 6,
  });
  await collect(
    drawImage(testPool.pool, model, settings, {
      signal: neverAborted,
      previewFactors: null,
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return relativeL2(latents, expected);
}

function relativeL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const values = Array.from(expected);
  const norm = (own: readonly number[]) => Math.hypot(...own);
  return norm(values.map((value, index) => value - (actual[index] ?? Number.NaN))) / norm(values);
}

describe('a UNet with weights of 8 bits', () => {
  it.each([
    ['dynamic.onnx', 0.05],
    ['qdq.onnx', 0.1],
  ])('draws nearly what float32 draws: %s', async (graph, bound) => {
    const loss = await lossOf(graph);
    expect(loss).toBeGreaterThan(0);
    expect(loss).toBeLessThan(bound);
  });
});
