import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HiresFix } from '../../../../contract/image-options.ts';
import { SchedulerName } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  neverAborted,
  openTestPool,
  relativeL2,
  settingsWith,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel } from '../image-model.ts';
import { drawImage } from './draw-image.ts';

/** Made by models/recipes/golden/tiny_second_pass.py. */
const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    guidanceScale: z.number(),
    cases: z.array(
      z.object({
        model: z.string(),
        settings: z.object({
          width: z.number(),
          height: z.number(),
          scheduler: SchedulerName,
          steps: z.number(),
          hiresFix: HiresFix,
        }),
        latents: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-second-pass.json'), 'utf8')));

let testPool: TestPool;
beforeAll(async () => {
  testPool = await openTestPool();
});
afterAll(() => testPool[Symbol.asyncDispose]());

describe('a second pass', () => {
  const { cases, ...told } = golden;

  it.each(cases)(
    'is image to image on what torch enlarges: $model, $settings.hiresFix.upscaler, $settings.scheduler',
    async ({ model: id, settings, latents: expected }) => {
      const model = await loadImageModel({ id, folder: path.join(goldenFolder, id) });
      let latents = new Float32Array();
      await collect(
        drawImage(testPool.pool, model, settingsWith({ ...told, ...settings }), {
          signal: neverAborted,
          previewFactors: null,
          onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
        }),
      );
      expect(relativeL2(latents, expected)).toBeLessThan(1e-3);
    },
  );
});
