/** What other programs' pictures give back for a new one; the files are those of `file-metadata.test.ts`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReusableSettings } from '../../../../contract/reuse.ts';
import type { Installed } from './installed.ts';
import { readForeignMetadata } from './file-metadata.ts';
import { reusableSettings } from './reusable-settings.ts';

const installed: Installed = {
  models: [{ id: 'dream', name: 'dream_xl' }],
  adapters: (
    [
      ['lora', 'ink'],
      ['lora', 'detail'],
      ['controlnet', 'canny-xl'],
      ['vae', 'mse'],
    ] as const
  ).map(([kind, id]) => ({ kind, id, name: id, aliases: [], hashes: [] })),
};

async function reuse(name: string, known = installed): Promise<ReusableSettings | null> {
  const read = await readForeignMetadata(
    readFileSync(path.join(import.meta.dirname, 'golden', name)),
  );
  return read && ReusableSettings.nullable().parse(reusableSettings(read, known));
}

describe('what is taken over', () => {
  it.each([
    ['comfyui.png', 20],
    ['comfyui.webp', 20],
    ['comfyui-workflow.png', 20],
    ['invokeai.png', 20],
    ['fooocus.jpg', 20],
    ['stealth-pngcomp.png', 20],
    ['web-ui-unicode.avif', 20],
    ['web-ui.gif', 20],
  ])('of %s is the model, the method and the numbers', async (name, steps) => {
    const found = await reuse(name);
    expect(found?.settings).toMatchObject({
      modelId: 'dream',
      steps,
      guidanceScale: 6.5,
      seed: 1234567890,
      width: 512,
      height: 768,
      scheduler: 'dpmpp-2m',
      sigmaSchedule: 'karras',
    });
    expect(found?.settings.prompt).toContain('猫 and a cat');
  });

  it('of ComfyUI are its adapters with both weights, its emphasis and its noise', async () => {
    const found = await reuse('comfyui.png');
    expect(found).toMatchObject({
      settings: {
        loras: [
          { id: 'ink', unetWeight: 0.8, textWeight: 0.5 },
          { id: 'detail', unetWeight: 0.3, textWeight: 0 },
        ],
        clipSkip: 2,
        vaeId: 'mse',
        noise: 'cpu',
        emphasis: 'comfy',
      },
      left: [],
      leftOfPrompt: [],
    });
  });

  it('of a second pass of ComfyUI is one of here', async () => {
    const found = await reuse('comfyui-passes.png');
    expect(found?.settings.hiresFix).toEqual({
      scale: 1.5,
      steps: 12,
      strength: 0.4,
      upscaler: 'latent-nearest',
    });
    expect(found?.source).toBeNull();
  });

  it('of a ControlNet is the unit without its picture', async () => {
    const found = await reuse('comfyui-refiner.png');
    expect(found?.controls).toEqual([
      { id: 'canny-xl', weight: 0.7, start: 0.1, end: 0.9, preprocessor: 'none' },
    ]);
    expect(found?.left).toContain(
      'It is one of several pictures from one seed; the first of them is what the settings give.',
    );
    expect(found?.left).toContain(
      'The refiner “dream_refiner” is not installed; the picture is finished without it.',
    );
  });

  it('of a seed of 64 bits is the one of 32 that draws the same noise', async () => {
    const found = await reuse('comfyui-flux.png');
    expect(found?.settings).toMatchObject({ seed: 0xffffffff, scheduler: 'flow-euler' });
    expect(found?.left).toContain(
      'The seed 18446744073709551615 is larger than seeds are here; 4294967295 draws the same noise on the processor.',
    );
  });

  it('of NovelAI is the prompt with its weights in the language of here', async () => {
    const found = await reuse('novelai-4.png');
    expect(found?.settings.prompt).toBe('(a cat :1.5), dog \\(toy\\)\ngirl, 猫');
    expect(found?.source).toMatchObject({ strength: 0.4 });
  });

  it('of Fooocus is the prompt with its styles', async () => {
    const found = await reuse('fooocus.png');
    expect(found?.settings.prompt).toMatch(/\ncinematic$/);
    expect(found?.left).toContain(
      'Its styles are in the prompt now: what Fooocus added to it stands there.',
    );
  });
});

it('tells in sentences what is not installed', async () => {
  const found = await reuse('comfyui.png', { models: [], adapters: [] });
  expect(found?.left).toEqual([
    'The model “dream_xl” is not installed. The one that is chosen stays.',
    'The autoencoder “mse” is not installed; the model’s own is used.',
  ]);
  expect(found?.leftOfPrompt).toEqual([
    'The LoRA “ink” is not installed. It stays in the prompt, for when it is.',
    'The LoRA “detail” is not installed. It stays in the prompt, for when it is.',
  ]);
  expect(found?.settings.prompt).toMatch(/<lora:ink:te=0.5:unet=0.8> <lora:detail:te=0:unet=0.3>$/);
});

it('is nothing where a picture tells nothing', async () => {
  for (const name of ['plain.png', 'plain.jpg', 'camera.jpg', 'disclosure.avif'])
    expect(await reuse(name)).toBeNull();
});
