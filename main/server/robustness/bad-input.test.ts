/** What goes wrong in real life, through the whole studio: a clear error, and nothing lost. */
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageRequest } from '../../../contract/image-request.ts';
import type { Job } from '../../../contract/queue.ts';
import { createStudio, type Studio } from '../../studio/create-studio.ts';
import { defaultImageOptions } from '../../../contract/image-options.ts';
import { createNodeHostPorts } from '../../studio/node-host-ports.ts';

const tinyModel = fileURLToPath(
  new URL('../../engine/diffusion/golden/tiny-stable-diffusion', import.meta.url),
);
const request: ImageRequest = {
  modelId: 'tiny',
  prompt: 'a red apple',
  negativePrompt: '',
  width: 64,
  height: 64,
  steps: 2,
  guidanceScale: 4,
  scheduler: 'ddim',
  sigmaSchedule: 'normal',
  seed: 1,
  ...defaultImageOptions,
  count: 1,
  grid: null,
};

let base: string;
let models: string;
let studio: Studio;

function portsOf(folder: string) {
  const folders = {
    data: path.join(folder, 'data'),
    library: path.join(folder, 'library'),
    cache: path.join(folder, 'cache'),
  };
  return createNodeHostPorts('server', folders, models);
}

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-bad-input-'));
  models = path.join(base, 'models');
  await mkdir(models);
  await cp(tinyModel, path.join(models, 'tiny'), { recursive: true });
  studio = await createStudio(portsOf(base));
});
afterAll(async () => {
  await studio.close();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

async function finished(change: Partial<ImageRequest>): Promise<Job> {
  const { id } = await studio.client['queue.add']({ ...request, ...change });
  for await (const { jobs } of studio.client['queue.watch']({})) {
    const job = jobs.find((candidate) => candidate.id === id);
    if (job && ['done', 'failed', 'cancelled'].includes(job.state) && job.finishedAt !== null)
      return job;
  }
  throw new Error('The queue ended.');
}

describe('a prompt', () => {
  it.each([
    ['that is empty', ''],
    ['of five thousand words', 'apple tree '.repeat(2500)],
    ['with emoji and right-to-left text', '🐈‍⬛ قطة \u202eabc\u202c 猫, (weighted:1.2)'],
    ['with line breaks', 'first line\nNegative prompt: not really\nSteps: 5, Sampler: none'],
  ])('%s is drawn and stands in the file as it was typed', async (_name, prompt) => {
    const job = await finished({ prompt });
    expect(job).toMatchObject({ state: 'done', error: null });
    const { recipe, path: file } = await studio.client['images.get']({ id: job.imageIds[0] ?? '' });
    expect(recipe?.settings.prompt).toBe(prompt);
    expect((await readFile(file)).subarray(1, 4).toString()).toBe('PNG');
  });

  it('loses its NUL characters and nothing else', async () => {
    const job = await finished({ prompt: 'a\0 red\0 apple' });
    expect(job.request.prompt).toBe('a red apple');
    expect(job.state).toBe('done');
  });
});

describe('a request', () => {
  it.each([
    ['width 0', { width: 0 }],
    ['width 7', { width: 7 }],
    ['height 100,000', { height: 100_000 }],
    ['a width between two that the model can draw', { width: 72 }],
    ['no steps', { steps: 0 }],
    ['ten thousand steps', { steps: 10_000 }],
    ['a scheduler that does not exist', { scheduler: 'magic' as ImageRequest['scheduler'] }],
    ['more steps than LCM has', { scheduler: 'lcm' as const, steps: 51 }],
  ])(
    'with %s is refused or fails with the reason, and the next one is drawn',
    async (_name, change) => {
      const outcome = await finished(change).catch((error: unknown) => error);
      const failure = outcome instanceof Error ? outcome : (outcome as Job).error;
      expect(failure).toMatchObject({ code: 'bad-request', message: expect.stringMatching(/\w/) });
      expect((await finished({})).state).toBe('done');
    },
  );

  it('for a model that is not installed is refused', async () => {
    await expect(
      studio.client['queue.add']({ ...request, modelId: 'no-such-model' }),
    ).rejects.toMatchObject({
      code: 'model-missing',
    });
  });
});

describe('a damaged image model', () => {
  it.each([
    ['unet/model.onnx', 'cut'],
    ['unet/model.onnx', 'zeros'],
    ['unet/model.onnx', 'missing'],
    ['vae_decoder/model.onnx', 'cut'],
    ['text_encoder/model.onnx', 'cut'],
    ['unet/config.json', 'cut'],
    ['vae_decoder/config.json', 'missing'],
    ['scheduler/scheduler_config.json', 'cut'],
    ['tokenizer/vocab.json', 'cut'],
    ['tokenizer/merges.txt', 'missing'],
    ['model_index.json', 'cut'],
  ])('with %s %s fails by name, and a sound one still draws', async (name, damage) => {
    const id = `damaged-${damage}-${name.replaceAll(/\W/g, '-')}`;
    const folder = path.join(models, id);
    await cp(tinyModel, folder, { recursive: true });
    const file = path.join(folder, name);
    if (damage === 'missing') await rm(file);
    else if (damage === 'cut') await truncate(file, Math.floor((await readFile(file)).length / 2));
    else await writeFile(file, Buffer.alloc(4096));
    await studio.client['models.refresh']({});

    const outcome = await finished({ modelId: id }).catch((error: unknown) => error);
    const failure = outcome instanceof Error ? outcome : (outcome as Job).error;
    expect(failure).toMatchObject({ code: expect.stringMatching(/^model-(invalid|missing)$/) });
    expect((failure as { message: string }).message).toMatch(
      new RegExp(`${path.basename(name).replaceAll('.', '\\.')}|${path.dirname(name)}`),
    );
    await rm(folder, { recursive: true });
    await studio.client['models.refresh']({});
    expect((await finished({})).state).toBe('done');
  });
});

describe('the same library', () => {
  it('cannot be opened twice, and the first studio goes on', async () => {
    await expect(createStudio(portsOf(base))).rejects.toMatchObject({ code: 'library-locked' });
    expect((await finished({})).state).toBe('done');
  });
});

describe('seeds', () => {
  it('give image i of a batch the pixels of the single picture with seed + i', async () => {
    const batch = await finished({ seed: 500, count: 3 });
    const single = await finished({ seed: 502 });
    const hashOfPixels = async (id: string) => {
      const { path: file } = await studio.client['images.get']({ id });
      const { default: sharp } = await import('sharp');
      return (await sharp(file).raw().toBuffer()).toString('base64');
    };
    expect(await hashOfPixels(batch.imageIds[2] ?? '')).toBe(
      await hashOfPixels(single.imageIds[0] ?? ''),
    );
  });
});
