import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noDrawFiles, type LoraFile } from '../../../../contract/engine.ts';
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
import { drawImage } from '../pipelines/draw-image.ts';
import { createAdapters } from './adapters.ts';
import { parseLoraName } from './lora-names.ts';
import { fromOriginalTransformer } from './lora-transformer-names.ts';

const numbers = z.array(z.number());
const Drawn = z.object({
  guidanceScale: z.number(),
  cases: z.record(z.string(), z.object({ latents: numbers, pixels: numbers })),
});
/** Made by models/recipes/golden/tiny_transformer_lora.py. */
const golden = z
  .object({
    prompt: z.string(),
    negativePrompt: z.string(),
    seed: z.number(),
    steps: z.number(),
    models: z.object({ sd3: Drawn, flux: Drawn }),
  })
  .parse(JSON.parse(readFileSync(path.join(goldenFolder, 'tiny-transformer-lora.json'), 'utf8')));

type Kind = keyof typeof golden.models;

let testPool: TestPool;
let models: Readonly<Record<Kind, ImageModel>>;
beforeAll(async () => {
  testPool = await openTestPool();
  const load = (id: string) => loadImageModel({ id, folder: path.join(goldenFolder, id) });
  models = { sd3: await load('tiny-sd3'), flux: await load('tiny-flux') };
});
afterAll(() => testPool[Symbol.asyncDispose]());

const adapters = createAdapters();

async function draw(kind: Kind, loras: LoraFile[]) {
  let latents = new Float32Array();
  const { models: drawn, ...told } = golden;
  const { guidanceScale } = drawn[kind];
  const settings = settingsWith({ ...told, guidanceScale, scheduler: 'flow-euler' });
  const files = { ...noDrawFiles, loras };
  const adapted = await adapters.adapt(testPool.pool, models[kind], settings, files);
  const { image } = await collect(
    drawImage(adapted.pool, adapted.model, settings, {
      signal: neverAborted,
      previewFactors: null,
      watcher: adapted.watcher,
      files,
      onDecoded: (decoded) => void (latents = new Float32Array(decoded)),
    }),
  );
  return { latents, image };
}

const lora = (name: string, unetWeight: number, textWeight: number): LoraFile => ({
  name,
  path: path.join(goldenFolder, 'tiny-transformer-lora', `${name}.safetensors`),
  unetWeight,
  textWeight,
});

describe.each(['sd3', 'flux'] as const)('LoRA for the transformer of a tiny %s', (kind) => {
  const { cases } = golden.models[kind];

  it.each([
    ['base', []],
    ['diffusers', [lora(`${kind}-diffusers`, 0.8, 0.6)]],
    ['kohya', [lora(`${kind}-kohya`, 1, 0)]],
    ['kohya, text alone', [lora(`${kind}-kohya`, 0, 0.7)]],
    ['both', [lora(`${kind}-kohya`, 0.6, 0.4), lora(`${kind}-diffusers`, -0.5, 1)]],
  ])('draw what the merged weights draw: %s', async (name, loras) => {
    const { latents, image } = await draw(kind, loras);
    const expected = cases[name] ?? { latents: [], pixels: [] };
    expect(relativeL2(latents, expected.latents)).toBeLessThan(1e-3);
    expect(largestDifference(sparsePixels(image, 8), expected.pixels)).toBeLessThanOrEqual(1);
    if (name !== 'base')
      expect(relativeL2(latents, cases['base']?.latents ?? [])).toBeGreaterThan(1e-2);
  });

  it('change their weight without another session', async () => {
    const file = `${kind}-kohya`;
    await draw(kind, [lora(file, 1, 1)]);
    const before = testPool.pool.openedSessions;
    await draw(kind, [lora(file, 0.3, 0.2)]);
    expect(testPool.pool.openedSessions).toBe(before);
  });

  it('of another base are refused by file and tensor', async () => {
    const other = kind === 'sd3' ? 'flux-kohya' : 'sd3-kohya';
    await expect(draw(kind, [lora(other, 1, 0)])).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining(`"${other}.safetensors"`),
      details: { tensor: expect.stringMatching(/^lora_unet_/) },
    });
    const file = path.join(goldenFolder, 'tiny-adapters/kohya.safetensors');
    await expect(draw(kind, [{ ...lora('kohya', 1, 0), path: file }])).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining('this model has no module'),
    });
  });
});

describe('names of the originals', () => {
  it.each([
    ['double_blocks_3_img_attn_qkv', 'transformer_blocks_3_attn_to_q'],
    ['double_blocks_18_txt_mod_lin', 'transformer_blocks_18_norm1_context_linear'],
    ['single_blocks_37_linear2', 'single_transformer_blocks_37_proj_out'],
    ['joint_blocks_23_context_block_attn_qkv', 'transformer_blocks_23_attn_add_q_proj'],
    ['final_layer_linear', 'proj_out'],
  ])('%s', (original, first) => {
    expect(fromOriginalTransformer(original)?.modules[0]).toBe(first);
  });

  it('are found behind every prefix', () => {
    const module = 'double_blocks_0_img_attn_qkv';
    for (const key of [
      'lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight',
      'diffusion_model.double_blocks.0.img_attn.qkv.lora_A.weight',
      'transformer.double_blocks.0.img_attn.qkv.lora_A.weight',
      'double_blocks.0.img_attn.qkv.lora_A.weight',
    ])
      expect(parseLoraName(key)).toEqual({ part: 'denoiser', module, role: 'down' });
    expect(fromOriginalTransformer('down_blocks_0_attentions_0_proj_in')).toBeNull();
  });
});
