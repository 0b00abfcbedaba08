import { readFileSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { z } from 'zod';
import { noDrawFiles, type DrawFiles } from '../../../../contract/engine.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { SessionPool } from '../../session.ts';
import {
  collect,
  goldenFolder,
  largestDifference,
  neverAborted,
  openTestPool,
  relativeL2,
  settingsWith,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel, type ImageModel } from '../image-model.ts';
import { drawImage } from '../pipelines/draw-image.ts';
import { cannyEdges } from '../pixels/canny.ts';
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
/** Made by models/recipes/golden/tiny_sdxl_controls.py. */
const xlGolden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    steps: z.number(),
    guidanceScale: z.number(),
    cases: z.array(
      z.object({
        use: z.object({ weight: z.number(), start: z.number(), end: z.number() }),
        latents: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-sdxl-control.json'), 'utf8')));
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
  pool: SessionPool = testPool.pool,
  drawn: ImageModel = model,
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
  const adapted = await adapters.adapt(pool, drawn, settings, all);
  await collect(
    drawImage(adapted.pool, adapted.model, settings, {
      watcher: adapted.watcher,
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

describe('an embedding', () => {
  const embeddings = [
    { name: 'sketchy', path: file('sketchy.safetensors') },
    { name: 'unused', path: file('not-there.pt') },
  ];

  it('stands for its word, as added tokens do in diffusers', async () => {
    const prompt = 'a red apple, Sketchy on a table';
    const latents = await drawLatents({ embeddings }, { prompt });
    expect(largestDifference(latents, expected('embedding'))).toBeLessThan(1e-3);
  });

  it('is not meant by a longer word', async () => {
    const prompt = 'a sketchyapple sketchy_apple';
    expect(await drawLatents({ embeddings }, { prompt })).toEqual(
      await drawLatents({}, { prompt }),
    );
  });

  it('works beside a LoRA, and is refused as a pickle or for another model', async () => {
    const prompt = 'a sketchy apple';
    const loras = [lora('kohya', 1, 1)];
    const both = await drawLatents({ embeddings, loras }, { prompt });
    expect(both).not.toEqual(await drawLatents({ loras }, { prompt }));
    const refused = (name: string) =>
      drawLatents({ embeddings: [{ name: 'apple', path: file(name) }] }, { prompt });
    await expect(refused('not-there.pt')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/"not-there.pt" is a pickle/),
    });
    await expect(refused('kohya.safetensors')).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('"kohya.safetensors"'),
    });
  });
});

describe('a ControlNet', () => {
  const control = (name: string) => ({
    name,
    folder: file(name),
    picture: file(`${name}.png`),
  });
  const steering = (name: string, weight = 1, start = 0, end = 1) => ({
    id: name,
    picture: '0'.repeat(64),
    weight,
    start,
    end,
    preprocessor: 'none' as const,
  });

  it.each([
    ['control', [steering('control')]],
    ['control, part of the steps', [steering('control', 0.7, 0.2, 0.7)]],
    ['two controls', [steering('control', 0.8, 0, 0.6), steering('second-control', 1.4, 0.4, 1)]],
  ])('draws what diffusers draws: %s', async (name, controls) => {
    const files = { controls: controls.map(({ id }) => control(id)) };
    const latents = await drawLatents(files, { controls });
    expect(largestDifference(latents, expected(name))).toBeLessThan(1e-3);
  });

  it('of weight 0 changes nothing, and works beside a LoRA and in a larger second pass', async () => {
    const controls = [steering('control')];
    const files = { controls: [control('control')] };
    expect(await drawLatents(files, { controls: [steering('control', 0)] })).toEqual(
      await drawLatents({}),
    );
    const loras = [lora('kohya', 1, 1)];
    const both = await drawLatents({ ...files, loras }, { controls });
    expect(both).not.toEqual(await drawLatents(files, { controls }));
    const hiresFix = { scale: 2, steps: 2, strength: 0.5, upscaler: 'latent-bilinear' };
    const larger = await drawLatents(files, { controls, hiresFix, steps: 2 });
    expect(larger).toHaveLength(4 * 16 * 16);
  });

  it('steers a larger second pass as diffusers does', async () => {
    const controls = [steering('control')];
    const files = { controls: [{ ...control('control'), picture: file('plain.png') }] };
    const hiresFix = { scale: 1.5, steps: null, strength: 0.5, upscaler: 'latent-bilinear' };
    const latents = await drawLatents(files, { controls, hiresFix });
    expect(relativeL2(latents, expected('control, in a second pass'))).toBeLessThan(1e-3);
  });

  it.each(xlGolden.cases)(
    'for Stable Diffusion XL draws what diffusers draws: $use',
    async ({ use, latents: reference }) => {
      const id = 'tiny-sdxl';
      const { cases: _, ...told } = xlGolden;
      const folder = path.join(goldenFolder, 'tiny-sdxl-control');
      const latents = await drawLatents(
        { controls: [{ ...control('control'), folder }] },
        { ...told, scheduler: 'euler', controls: [{ ...steering('control'), ...use }] },
        testPool.pool,
        await loadImageModel({ id, folder: path.join(goldenFolder, id) }),
      );
      expect(relativeL2(latents, reference)).toBeLessThan(1e-3);
    },
  );

  it('of another family is refused by its name', async () => {
    const other = path.join(testPool.folder, 'other');
    await cp(file('control'), other, { recursive: true });
    const config = await readFile(path.join(other, 'config.json'), 'utf8');
    const changed = config.replace('"cross_attention_dim": 32', '"cross_attention_dim": 768');
    await writeFile(path.join(other, 'config.json'), changed);
    const controls = [steering('other')];
    const files = { controls: [{ ...control('control'), name: 'other', folder: other }] };
    await expect(drawLatents(files, { controls })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/"other" is of another family.*768/),
    });
  });

  describe('where the picture is denoised in tiles', () => {
    const tiledDiffusion = { sidePx: 64, overlapPx: 16 };
    const controls = [steering('control', 0.7, 0.2, 0.7), steering('second-control', 1.4, 0, 1)];
    const files = { controls: controls.map(({ id }) => control(id)) };

    it('of which one covers everything draws what it draws without', async () => {
      expect(await drawLatents(files, { controls, tiledDiffusion })).toEqual(
        await drawLatents(files, { controls }),
      );
    });

    it('of weight 0 changes nothing, and of another weight does', async () => {
      const change = { width: 96, tiledDiffusion };
      const none = [steering('control', 0)];
      const own = { controls: [control('control')] };
      const plain = await drawLatents({}, change);
      expect(await drawLatents(own, { ...change, controls: none })).toEqual(plain);
      expect(await drawLatents(own, { ...change, controls: [steering('control')] })).not.toEqual(
        plain,
      );
    });

    it.each([
      ['', 'none', false],
      [' with all of its edges', 'canny', false],
      [' of a larger second pass', 'none', true],
    ] as const)('sees each tile’s own part of the picture%s', async (_, preprocessor, hiresFix) => {
      const [width, height, scale] = hiresFix ? [64, 48, 2] : [128, 96, 1];
      const whole = { width: width * scale, height: height * scale };
      // Squares of levels that no two parts of the picture share.
      const rgb = Buffer.from(
        Array.from({ length: 128 * 96 * 3 }, (_value, index) => {
          const pixel = Math.floor(index / 3);
          const [x, y] = [pixel % 128, Math.floor(pixel / 128)];
          return ((x >> 3) * 97 + (y >> 3) * 57) % 251;
        }),
      );
      const picture = path.join(testPool.folder, 'places.png');
      await sharp(rgb, { raw: { width: 128, height: 96, channels: 3 } }).toFile(picture);
      const shown =
        preprocessor === 'canny' ? cannyEdges({ ...whole, rgb: new Uint8Array(rgb) }).rgb : rgb;
      const seen = await partsSeen(
        { controls: [{ ...control('control'), picture }] },
        {
          width,
          height,
          steps: 1,
          tiledDiffusion,
          controls: [{ ...steering('control'), preprocessor }],
          hiresFix: hiresFix ? { scale, steps: 1, strength: 1, upscaler: 'latent-nearest' } : null,
        },
      );
      // 16 × 12 latents in tiles of 8: at 0, 4 and 8 across and at 0 and 4 down.
      const places = [0, 32].flatMap((top) => [0, 32, 64].map((left) => ({ left, top })));
      const expected = places.map(({ left, top }) =>
        [0, 1, 2].flatMap((channel) =>
          Array.from({ length: 64 * 64 }, (_value, at) => {
            const pixel = (top + Math.floor(at / 64)) * whole.width + left + (at % 64);
            return Math.fround((shown[pixel * 3 + channel] ?? Number.NaN) / 255);
          }),
        ),
      );
      const differences = seen
        .slice(-places.length)
        .map((part, index) => largestDifference(part, expected[index] ?? []));
      expect(differences).toEqual([0, 0, 0, 0, 0, 0]);
    });

    /** What the ControlNet was shown at each run, f32 [3, height, width] of the first row. */
    async function partsSeen(used: Partial<DrawFiles>, change: Partial<ImageSettings>) {
      const seen: number[][] = [];
      const watched: SessionPool = {
        async borrow(modelId, graph, options) {
          const lease = await testPool.pool.borrow(modelId, graph, options);
          if (graph !== path.join(file('control'), 'model.onnx')) return lease;
          const { session } = lease;
          return {
            [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
            session: {
              ...session,
              get runMs() {
                return session.runMs;
              },
              run(feeds, runOptions) {
                const shown = feeds['controlnet_cond'];
                if (shown && 'data' in shown) {
                  const [batch = 1] = shown.dims;
                  const values = Array.from(shown.data as Float32Array);
                  seen.push(values.slice(0, values.length / batch));
                }
                return session.run(feeds, runOptions);
              },
              [Symbol.asyncDispose]: () => Promise.resolve(),
            },
          };
        },
        modules: (graph) => testPool.pool.modules(graph),
        release: (modelId) => testPool.pool.release(modelId),
      };
      await drawLatents(used, change, watched);
      return seen;
    }
  });
});

describe('FreeU', () => {
  const freeU = { b1: 1.5, b2: 1.4, s1: 0.7, s2: 0.2 };
  const controls = [
    {
      id: 'control',
      picture: '0'.repeat(64),
      weight: 1,
      start: 0,
      end: 1,
      preprocessor: 'none' as const,
    },
  ];
  const files = {
    controls: [{ name: 'control', folder: file('control'), picture: file('control.png') }],
  };

  it.each([
    ['FreeU', {}, {}],
    ['FreeU, sides halved to odd ones', {}, { height: 80, width: 48 }],
    ['FreeU beside a ControlNet', files, { controls }],
  ])('draws what diffusers draws: %s', async (name, used, change) => {
    const latents = await drawLatents(used, { freeU, ...change });
    expect(largestDifference(latents, expected(name))).toBeLessThan(1e-3);
  });

  it('of other factors opens no session, and of 1 changes nothing to be seen', async () => {
    await drawLatents({}, { freeU });
    const before = testPool.pool.openedSessions;
    const neutral = await drawLatents({}, { freeU: { b1: 1, b2: 1, s1: 1, s2: 1 } });
    expect(testPool.pool.openedSessions).toBe(before);
    expect(largestDifference(neutral, expected('base'))).toBeLessThan(1e-3);
  });
});
