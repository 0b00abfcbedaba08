import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageSettings } from '../../../contract/image-request.ts';
import {
  collect,
  goldenFolder,
  neverAborted,
  openTestPool,
  settingsWith,
  type TestPool,
} from './drawing.fixture.ts';
import { createPainter } from './painter.ts';

let testPool: TestPool;
let folder: string;
beforeAll(async () => void (testPool = await openTestPool()));
afterAll(() => testPool[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-damaged-'));
  await cp(path.join(goldenFolder, 'tiny-stable-diffusion'), folder, { recursive: true });
});
afterEach(async () => {
  await testPool.pool.release(null);
  await rm(folder, { recursive: true, force: true });
});

/** @returns what drawing throws */
async function failure(change: Partial<ImageSettings> = {}): Promise<unknown> {
  const drawing = createPainter().draw(
    testPool.pool,
    { id: 'damaged', folder },
    settingsWith({ steps: 1, ...change }),
    { previews: false, signal: neverAborted },
  );
  return collect(drawing).then(
    () => null,
    (error: unknown) => error,
  );
}

async function changeJson(name: string, change: Record<string, unknown>): Promise<void> {
  const file = path.join(folder, name);
  const content = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...content, ...change }));
}

const graphs = ['text_encoder', 'unet', 'vae_decoder'].map((part) => `${part}/model.onnx`);
const configs = [
  'model_index.json',
  'unet/config.json',
  'vae_decoder/config.json',
  'scheduler/scheduler_config.json',
];
const containing = (text: string) => expect.stringContaining(text) as string;

describe('a damaged image model', () => {
  it('draws before it is damaged', async () => {
    expect(await failure()).toBeNull();
  });

  it.each(graphs)('is named by its part when %s is missing', async (name) => {
    await rm(path.join(folder, name));
    expect(await failure()).toMatchObject({ code: 'model-missing', message: containing(name) });
  });

  it.each(graphs)('is named by its part when %s is cut off', async (name) => {
    await truncate(path.join(folder, name), 40_000);
    expect(await failure()).toMatchObject({ code: 'model-invalid', message: containing(name) });
  });

  it.each(graphs)('is named by its part when %s is something else', async (name) => {
    await writeFile(path.join(folder, name), 'This is no graph. '.repeat(1000));
    expect(await failure()).toMatchObject({ code: 'model-invalid', message: containing(name) });
  });

  it.each(configs)('is named by its file when %s is missing', async (name) => {
    await rm(path.join(folder, name));
    expect(await failure()).toMatchObject({ code: 'model-invalid', message: containing(name) });
  });

  it.each(configs)('is named by its file when %s is cut off', async (name) => {
    await truncate(path.join(folder, name), 20);
    expect(await failure()).toMatchObject({ code: 'model-invalid', message: containing(name) });
  });

  it.each([
    ['scheduler/scheduler_config.json', 'prediction_type', 'foretelling'],
    ['scheduler/scheduler_config.json', 'beta_schedule', 'laplace'],
    ['scheduler/scheduler_config.json', 'num_train_timesteps', 0],
    ['vae_decoder/config.json', 'scaling_factor', -1],
    ['unet/config.json', 'block_out_channels', []],
  ])('is named by file and field: %s, %s = %j', async (name, field, value) => {
    await changeJson(name, { [field]: value });
    expect(await failure()).toMatchObject({
      code: 'model-invalid',
      message: containing(name),
      details: { field },
    });
  });

  it('draws with a scheduler class that nobody knows', async () => {
    await changeJson('scheduler/scheduler_config.json', { _class_name: 'NewScheduler' });
    expect(await failure()).toBeNull();
  });

  it('is refused when the vocabulary belongs to another model', async () => {
    await changeJson('tokenizer/vocab.json', { 'another</w>': 40_000 });
    expect(await failure()).toMatchObject({
      code: 'model-invalid',
      message: containing('vocab.json'),
    });
  });

  it('is refused when it is made for another purpose', async () => {
    await changeJson('unet/config.json', { in_channels: 7 });
    expect(await failure()).toMatchObject({ code: 'unsupported', message: containing('inpaint') });
  });

  it('is refused when its parts do not fit together', async () => {
    const consistency = path.join(goldenFolder, 'tiny-consistency-model');
    await cp(path.join(consistency, 'text_encoder'), path.join(folder, 'text_encoder'), {
      recursive: true,
    });
    await rm(path.join(folder, 'text_encoder/config.json'));
    expect(await failure()).toMatchObject({ code: 'model-invalid' });
  });

  it('is refused when its autoencoder makes another size than its configuration says', async () => {
    await changeJson('vae_decoder/config.json', { block_out_channels: [8, 16, 16] });
    expect(await failure()).toMatchObject({
      code: 'model-invalid',
      message: containing('[1, 3, 64, 64]'),
    });
  });

  it('is said to be damaged when it makes numbers that are not finite', async () => {
    const betas = Array.from({ length: 1000 }, () => 1);
    await changeJson('scheduler/scheduler_config.json', { trained_betas: betas });
    expect(await failure()).toMatchObject({
      code: 'model-invalid',
      message: containing('not finite'),
    });
  });
});
