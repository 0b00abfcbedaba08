import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  largestDifference,
  neverAborted,
  openTestPool,
  settingsWith,
  sparsePixels,
  splitSchedulerName,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel, type ImageModel } from '../image-model.ts';
import { drawImage } from './draw-image.ts';

const numbers = z.array(z.number());
const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    cases: z.array(
      z.object({
        scheduler: z.string(),
        predictionType: z.enum(['epsilon', 'v_prediction']),
        guidance: z.number(),
        steps: z.number(),
        latents: numbers,
        pixels: numbers,
      }),
    ),
  })
  .parse(readGolden('tiny-stable-diffusion.json'));
const consistencyGolden = z
  .object({
    prompt: z.string(),
    seed: z.number(),
    cases: z.array(z.object({ guidance: z.number(), latents: numbers, pixels: numbers })),
  })
  .parse(readGolden('tiny-consistency-model.json'));

function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(path.join(goldenFolder, name), 'utf8'));
}

let testPool: TestPool;
let tiny: ImageModel;
let consistency: ImageModel;

beforeAll(async () => {
  testPool = await openTestPool();
  const load = (id: string) => loadImageModel({ id, folder: path.join(goldenFolder, id) });
  tiny = await load('tiny-stable-diffusion');
  consistency = await load('tiny-consistency-model');
});
afterAll(() => testPool[Symbol.asyncDispose]());

async function draw(
  model: ImageModel,
  change: Partial<ImageSettings> = {},
  signal: AbortSignal = neverAborted,
) {
  let latents = new Float32Array();
  const drawn = await collect(
    drawImage(testPool.pool, model, settingsWith(change), {
      signal,
      previewFactors: null,
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return { ...drawn, latents };
}

describe('text to image', () => {
  it.each(golden.cases)(
    'draws what diffusers draws: $scheduler, $predictionType, guidance $guidance, $steps steps',
    async ({ scheduler, predictionType, guidance, steps, latents, pixels }) => {
      const schedulerConfig = { ...tiny.schedulerConfig, prediction_type: predictionType };
      const drawn = await draw(
        { ...tiny, schedulerConfig },
        {
          ...splitSchedulerName(scheduler),
          prompt: golden.prompt,
          negativePrompt: golden.negativePrompt,
          seed: golden.seed,
          guidanceScale: guidance,
          steps,
        },
      );
      expect(largestDifference(drawn.latents, latents)).toBeLessThan(1e-3);
      expect(largestDifference(sparsePixels(drawn.image, 8), pixels)).toBeLessThanOrEqual(1);
    },
  );

  // float16 graphs, int64 ids, a scalar timestep, guidance as an embedding, shifted latents, 16 tokens.
  it.each(consistencyGolden.cases)(
    'draws what diffusers draws with a consistency model in float16, guidance $guidance',
    async ({ guidance, latents, pixels }) => {
      const drawn = await draw(consistency, {
        prompt: consistencyGolden.prompt,
        seed: consistencyGolden.seed,
        scheduler: 'lcm',
        guidanceScale: guidance,
        width: 32,
        height: 32,
      });
      // float16 has 11 bits: 2^-11 of values up to 4, gathered over the layers of four steps.
      expect(largestDifference(drawn.latents, latents)).toBeLessThan(2e-2);
      expect(largestDifference(sparsePixels(drawn.image, 4), pixels)).toBeLessThanOrEqual(2);
    },
  );

  it('reports each phase and every step', async () => {
    const { events } = await draw(tiny);
    const steps = ['step', 'step', 'step', 'step'];
    expect(events.map(({ kind }) => kind)).toEqual(
      ['loading', 'encoding', 'loading', steps, 'decoding', 'image'].flat(),
    );
  });

  it('draws the same bytes again, and other bytes for another seed or prompt', async () => {
    const first = await draw(tiny);
    expect((await draw(tiny)).image.rgb).toEqual(first.image.rgb);
    expect((await draw(tiny, { seed: 12 })).image.rgb).not.toEqual(first.image.rgb);
    expect((await draw(tiny, { prompt: 'a cat' })).image.rgb).not.toEqual(first.image.rgb);
    expect((await draw(tiny, { negativePrompt: 'cat' })).image.rgb).not.toEqual(first.image.rgb);
  });

  it('ignores the negative prompt where guidance is off', async () => {
    const plain = await draw(tiny, { guidanceScale: 1 });
    const negative = await draw(tiny, { guidanceScale: 1, negativePrompt: 'cat' });
    expect(negative.image.rgb).toEqual(plain.image.rgb);
  });

  it('draws with prompts of several chunks, empty prompts, and any characters', async () => {
    for (const prompt of ['', 'apple '.repeat(400), '🐈‍⬛ 猫 مرحبا \u202e']) {
      expect((await draw(tiny, { prompt })).image.rgb).toHaveLength(64 * 64 * 3);
    }
  });

  it('draws pictures that are wider than high', async () => {
    const { image } = await draw(tiny, { width: 96, height: 32 });
    expect(image).toMatchObject({ width: 96, height: 32 });
    expect(image.rgb).toHaveLength(96 * 32 * 3);
  });

  it('stops between steps when cancelled', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const drawing = drawImage(testPool.pool, tiny, settingsWith({ steps: 50 }), {
      signal: controller.signal,
      previewFactors: null,
    });
    await expect(
      (async () => {
        for await (const { kind } of drawing) {
          seen.push(kind);
          if (kind === 'step') controller.abort();
        }
      })(),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.filter((kind) => kind === 'step')).toHaveLength(1);
  });

  it('lets other work run between steps', async () => {
    let turns = 0;
    const timer = setInterval(() => void (turns += 1), 0);
    await draw(tiny, { steps: 20 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('names the nearest size where a side does not suit the model', async () => {
    await expect(draw(tiny, { width: 72 })).rejects.toMatchObject({
      code: 'bad-request',
      details: { nearest: 80 },
    });
  });

  it('names the only size of a model that was exported for one', async () => {
    await expect(draw(consistency, { scheduler: 'lcm' })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('32 × 32'),
    });
  });

  it('says how long a prompt may be where the graph reads one chunk only', async () => {
    const prompt = 'apple '.repeat(40);
    await expect(
      draw(consistency, { scheduler: 'lcm', width: 32, height: 32, prompt }),
    ).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('14 tokens') });
  });
});
