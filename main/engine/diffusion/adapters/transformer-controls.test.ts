import { readFileSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noDrawFiles } from '../../../../contract/engine.ts';
import type { ControlUse } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  neverAborted,
  openTestPool,
  relativeL2,
  settingsWith,
  type TestPool,
} from '../drawing.fixture.ts';
import { loadImageModel, type ImageModel } from '../image-model.ts';
import { drawImage } from '../pipelines/draw-image.ts';
import { createAdapters } from './adapters.ts';
import { readFlowControl } from './control-flow.ts';

const Drawn = z.object({
  guidanceScale: z.number(),
  cases: z.record(z.string(), z.array(z.number())),
});
/** Made by models/recipes/golden/tiny_transformer_controls.py. */
const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    steps: z.number(),
    models: z.object({ sd3: Drawn, flux: Drawn }),
  })
  .parse(
    JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-transformer-controls.json'), 'utf8')),
  );
type Kind = keyof typeof golden.models;
/** Flux as diffusers computes it, and as earlier versions did. */
type Layout = Kind | 'flux, joined once';
const kindOf = (layout: Layout): Kind => (layout === 'sd3' ? 'sd3' : 'flux');

const own = (kind: string) => path.join(goldenFolder, 'tiny-transformer-controls', kind);
const control = (folder: string, picture = 'control.png') => ({
  name: path.basename(folder),
  folder,
  picture: path.join(goldenFolder, 'tiny-adapters', picture),
});
const steering = (weight = 1, start = 0, end = 1): ControlUse => ({
  id: 'control',
  picture: '0'.repeat(64),
  weight,
  start,
  end,
  preprocessor: 'none',
});
const two = [steering(0.8, 0, 0.6), steering(1.4, 0.4, 1)];

let testPool: TestPool;
let models: Readonly<Record<Layout, ImageModel>>;
beforeAll(async () => {
  testPool = await openTestPool();
  const fluxOf = async (id: string) => {
    const folder = path.join(testPool.folder, id);
    await cp(path.join(goldenFolder, 'tiny-flux'), folder, { recursive: true });
    await cp(path.join(goldenFolder, id), folder, { recursive: true });
    return await loadImageModel({ id, folder });
  };
  models = {
    sd3: await loadImageModel({ id: 'tiny-sd3', folder: path.join(goldenFolder, 'tiny-sd3') }),
    flux: await fluxOf('tiny-flux-blocks'),
    'flux, joined once': await fluxOf('tiny-flux-joined'),
  };
});
afterAll(() => testPool[Symbol.asyncDispose]());

const adapters = createAdapters();

async function draw(
  layout: Layout,
  controls: readonly ReturnType<typeof control>[],
  change: Partial<ImageSettings> = {},
) {
  let latents = new Float32Array();
  const { models: drawn, ...told } = golden;
  const { guidanceScale } = drawn[kindOf(layout)];
  const settings = settingsWith({ ...told, guidanceScale, scheduler: 'flow-euler', ...change });
  const files = { ...noDrawFiles, controls: [...controls] };
  const adapted = await adapters.adapt(testPool.pool, models[layout], settings, files);
  await collect(
    drawImage(adapted.pool, adapted.model, settings, {
      signal: neverAborted,
      previewFactors: null,
      watcher: adapted.watcher,
      files,
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return latents;
}

/** A copy of a golden ControlNet whose config.json says something else. */
async function changed(kind: Kind, change: Readonly<Record<string, unknown>>) {
  const folder = path.join(testPool.folder, `changed-${kind}`);
  await rm(folder, { recursive: true, force: true });
  await cp(own(kind), folder, { recursive: true });
  const file = path.join(folder, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...config, ...change }));
  return folder;
}

describe.each(['sd3', 'flux', 'flux, joined once'] as const)(
  'a ControlNet for a tiny %s',
  (layout) => {
    const kind = kindOf(layout);
    const { cases } = golden.models[kind];
    const pictures = [control(own(kind)), control(own(kind), 'second-control.png')];

    it.each([
      ['one', [steering()]],
      ['part of the steps', [steering(0.7, 0.2, 0.7)]],
      ['two', two],
    ])('draws what diffusers draws: %s', async (name, controls) => {
      const latents = await draw(layout, pictures.slice(0, controls.length), { controls });
      expect(relativeL2(latents, cases[name] ?? [])).toBeLessThan(1e-3);
      expect(relativeL2(await draw(layout, []), cases[name] ?? [])).toBeGreaterThan(1e-2);
    });

    it('of weight 0 changes nothing', async () => {
      const none = await draw(layout, pictures.slice(0, 1), { controls: [steering(0)] });
      expect(none).toEqual(await draw(layout, []));
    });

    it('steers tiles: one that covers everything as the whole, several each for itself', async () => {
      const tiledDiffusion = { sidePx: 64, overlapPx: 16 };
      const whole = await draw(layout, pictures, { controls: two });
      expect(await draw(layout, pictures, { controls: two, tiledDiffusion })).toEqual(whole);
      const change = { width: 96, steps: 2, tiledDiffusion };
      const plain = await draw(layout, [], change);
      const one = pictures.slice(0, 1);
      expect(await draw(layout, one, { ...change, controls: [steering(0)] })).toEqual(plain);
      const steered = await draw(layout, one, { ...change, controls: [steering()] });
      expect(relativeL2(steered, [...plain])).toBeGreaterThan(1e-3);
    });

    it('works in a larger second pass', async () => {
      const hiresFix = { scale: 1.5, steps: 2, strength: 0.5, upscaler: 'latent-bilinear' };
      const larger = await draw(layout, pictures, { controls: two, hiresFix, steps: 2 });
      expect(larger).toHaveLength(models[kind].latentChannels * 12 * 12);
    });

    it.each([
      [{ _class_name: 'ControlNetModel' }, 'bad-request', /ControlNetModel, and the model takes a/],
      [{ num_attention_heads: 7 }, 'bad-request', /layers are \d+ wide/],
      [{ pooled_projection_dim: 9 }, 'bad-request', /pooled_projection_dim is 9/],
      [{ num_mode: 6 }, 'unsupported', /num_mode/],
      [{ conditioning_embedding_channels: 16 }, 'unsupported', /pixels in place of latents/],
      [{ use_pos_embed: false }, 'unsupported', /use_pos_embed/],
      [{ extra_conditioning_channels: 1 }, 'unsupported', /mask beside the picture/],
    ])('is refused by name where it does not fit: %j', async (change, code, why) => {
      const folder = await changed(kind, change);
      await expect(
        draw(layout, [control(folder)], { controls: [steering()] }),
      ).rejects.toMatchObject({
        code,
        message: expect.stringMatching(why),
        details: { id: `changed-${kind}`, file: path.join(folder, 'config.json') },
      });
    });
  },
);

describe('ControlNets of a rectified flow', () => {
  it('may be told the prompt as a whole, and latents that are shifted', async () => {
    const folder = await changed('sd3', { force_zeros_for_pooled_projection: false });
    const latents = await draw('sd3', [control(folder)], { controls: [steering()] });
    const expected = golden.models.sd3.cases['told the prompt as a whole'] ?? [];
    expect(relativeL2(latents, expected)).toBeLessThan(1e-3);
  });

  // int(i / (blocks / made)) of Stable Diffusion 3, whose last block takes none, and i // ceil(blocks / made).
  it.each([
    ['sd3', 24, 6, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5]],
    ['sd3', 24, 12, Array.from({ length: 23 }, (_, block) => block >> 1)],
    ['sd3', 5, 3, [0, 0, 1, 1]],
    ['flux', 19, 5, Array.from({ length: 19 }, (_, block) => block >> 2)],
    ['flux', 19, 6, Array.from({ length: 19 }, (_, block) => block >> 2)],
    ['flux', 3, 2, [0, 0, 1]],
  ] as const)('of %s steer %i blocks with %i', async (kind, blocks, made, expected) => {
    const { flow } = models[kind];
    if (!flow) throw new Error('The model is no flow.');
    const reader = await readFlowControl(models[kind], flow, control(own(kind)), 1);
    const outputs = Array.from({ length: made }, (_, index) => `block_sample_${index}`);
    const count = kind === 'sd3' ? blocks - 1 : blocks;
    const residuals = Array.from({ length: count }, (_, block) => `control.block.${block}`);
    const sources = reader.sources(outputs, residuals);
    expect(residuals.map((name) => sources?.get(name))).toEqual(
      expected.map((index) => `block_sample_${index}`),
    );
  });

  it('are not taken by UNets, nor those of UNets by transformers', async () => {
    const tiny = await loadImageModel({
      id: 'tiny',
      folder: path.join(goldenFolder, 'tiny-stable-diffusion'),
    });
    const settings = settingsWith({ controls: [steering()] });
    const files = { ...noDrawFiles, controls: [control(own('sd3'))] };
    await expect(adapters.adapt(testPool.pool, tiny, settings, files)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/"sd3" is of another family/),
    });
    const ofUnet = control(path.join(goldenFolder, 'tiny-adapters/control'));
    await expect(draw('flux', [ofUnet], { controls: [steering()] })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/"control" is of another family/),
    });
  });
});
