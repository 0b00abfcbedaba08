import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Model } from '../../../contract/models.ts';
import { inspectModel } from './inspect-model.ts';
import {
  imageModelFiles,
  onnxGraph,
  temporaryFolder,
  textModelFiles,
  writeFolder,
  type FolderContents,
} from './model.fixture.ts';

async function inspected(contents: FolderContents, name = 'my-model') {
  await using temporary = await temporaryFolder();
  const folder = await writeFolder(path.join(temporary.folder, name), contents);
  const found = inspectModel(folder, false);
  if (found) Model.parse(found.model);
  return found;
}

async function problemOf(contents: FolderContents): Promise<string | null | undefined> {
  return (await inspected(contents))?.model.problem;
}

describe('an image model', () => {
  it('gets its defaults from the configs of its parts', async () => {
    const found = await inspected(imageModelFiles);
    expect(found?.model).toMatchObject({
      kind: 'image',
      id: 'my-model',
      name: 'my-model',
      problem: null,
      licence: 'openrail',
      spatialFactor: 64,
      family: 'sd2',
      hasTinyDecoder: false,
      defaults: {
        width: 512,
        height: 512,
        steps: 20,
        guidanceScale: 7.5,
        scheduler: 'dpmpp-2m',
        sigmaSchedule: 'karras',
      },
    });
    expect(found?.weights.map((file) => file.path)).toEqual([
      'text_encoder/model.onnx',
      'unet/model.onnx',
      'unet/weights.onnx_data',
      'vae_decoder/model.onnx',
    ]);
  });

  it('takes from atelier.json what is there and right, and derives the rest', async () => {
    const manifest = {
      id: 'starter',
      name: 'Starter',
      licence: 'MIT',
      defaultSize: 256,
      defaultSteps: 'many',
      defaultGuidance: 3,
      sizeMultiple: 32,
      styles: [{ name: '3D', suffix: ', 3d' }],
      examplePrompts: ['a cat'],
      previewFactors: { anything: true },
    };
    expect(
      (await inspected({ ...imageModelFiles, 'atelier.json': JSON.stringify(manifest) }))?.model,
    ).toMatchObject({
      id: 'starter',
      name: 'Starter',
      licence: 'MIT',
      problem: null,
      spatialFactor: 32,
      styles: [{ name: '3D', suffix: ', 3d' }],
      examplePrompts: ['a cat'],
      defaults: { width: 256, height: 256, steps: 20, guidanceScale: 3 },
    });
  });

  it.each([
    ['model_index.json', 'missing'],
    ['unet/model.onnx', 'missing'],
    ['unet/weights.onnx_data', 'missing'],
    ['text_encoder/model.onnx', 'missing'],
    ['vae_decoder/model.onnx', 'missing'],
    ['tokenizer/merges.txt', 'missing'],
    ['scheduler/scheduler_config.json', 'missing'],
  ])('without %s is listed with that problem', async (part, word) => {
    const problem = await problemOf({ ...imageModelFiles, [part]: null });
    expect(problem).toContain(part);
    expect(problem).toContain(word);
  });

  it.each([
    'model_index.json',
    'unet/config.json',
    'scheduler/scheduler_config.json',
    'atelier.json',
  ])('with a cut off %s is listed with that problem', async (part) => {
    expect(await problemOf({ ...imageModelFiles, [part]: '{"_class_name": "Stab' })).toMatch(
      `"${part}" is not valid JSON`,
    );
    expect(await problemOf({ ...imageModelFiles, [part]: '[1]' })).toMatch(
      `"${part}" is not as expected`,
    );
  });

  it.each(['unet', 'vae_decoder', 'text_encoder'])(
    'with a cut off graph in %s is listed with that problem',
    async (part) => {
      for (const bytes of ['', 'garbage', onnxGraph().subarray(0, -1)]) {
        expect(await problemOf({ ...imageModelFiles, [`${part}/model.onnx`]: bytes })).toMatch(
          'damaged or cut off',
        );
      }
    },
  );

  it.each(['../../secret.bin', '/etc/passwd', 'a/../../b', '..\\..\\secret', 'C:\\secret'])(
    'may not take weights from %s',
    async (location) => {
      expect(
        await problemOf({
          ...imageModelFiles,
          'unet/model.onnx': onnxGraph({ external: [location] }),
        }),
      ).toMatch('outside its own folder');
    },
  );

  it('may not contain a link that leads out of it, also not to weights', async () => {
    await using temporary = await temporaryFolder();
    const folder = await writeFolder(path.join(temporary.folder, 'model'), {
      ...imageModelFiles,
      'unet/weights.onnx_data': null,
    });
    await writeFile(path.join(temporary.folder, 'weights'), 'outside');
    await symlink('../../weights', path.join(folder, 'unet', 'weights.onnx_data'));
    expect(inspectModel(folder, false)?.model.problem).toMatch('a link to a place outside');
  });

  it.each([
    ['model.ckpt', 'x'],
    ['unet/diffusion_pytorch_model.bin', Buffer.from([0x80, 2, 1, 1])],
    ['unet/weights.bin', 'PK\x03\x04data.pkl'],
  ])('with the pickle %s is refused', async (name, content) => {
    expect(await problemOf({ ...imageModelFiles, [name]: content })).toMatch(
      'pickle, which can run code',
    );
  });

  it('may have weights whose name only looks like a pickle', async () => {
    expect(
      await problemOf({
        ...imageModelFiles,
        'unet/model.onnx': onnxGraph({ external: ['w.bin'] }),
        'unet/w.bin': 'floats',
      }),
    ).toBeNull();
  });

  it('of Stable Diffusion XL has two text encoders, and its refiner the second alone', async () => {
    const second = {
      'text_encoder_2/model.onnx': onnxGraph(),
      'tokenizer_2/vocab.json': '{}',
      'tokenizer_2/merges.txt': '#version: 0.2',
    };
    const config = { sample_size: 128, down_block_types: ['a', 'b', 'c'] };
    const xl = {
      ...imageModelFiles,
      ...second,
      'unet/config.json': JSON.stringify({ ...config, cross_attention_dim: 2048 }),
      'scheduler/scheduler_config.json': JSON.stringify({
        _class_name: 'EulerAncestralDiscreteScheduler',
        timestep_spacing: 'trailing',
      }),
    };
    expect((await inspected(xl))?.model).toMatchObject({
      problem: null,
      family: 'sdxl',
      defaults: { width: 1024, steps: 4, guidanceScale: 1, scheduler: 'euler-ancestral' },
    });
    expect(await problemOf({ ...xl, 'tokenizer_2/merges.txt': null })).toMatch('tokenizer_2');
    const refiner = {
      ...xl,
      'text_encoder/model.onnx': null,
      'tokenizer/vocab.json': null,
      'tokenizer/merges.txt': null,
      'unet/config.json': JSON.stringify({ ...config, cross_attention_dim: 1280 }),
    };
    expect((await inspected(refiner))?.model).toMatchObject({
      problem: null,
      family: 'sdxl-refiner',
    });
  });

  const flow = {
    ...imageModelFiles,
    'unet/config.json': null,
    'unet/model.onnx': null,
    'unet/weights.onnx_data': null,
    'transformer/model.onnx': onnxGraph(),
    'scheduler/scheduler_config.json': JSON.stringify({
      _class_name: 'FlowMatchEulerDiscreteScheduler',
      shift: 3,
    }),
  };

  it('of Stable Diffusion 3 is a transformer with two CLIPs, and with T5 if it is there', async () => {
    const sd3 = {
      ...flow,
      'text_encoder_2/model.onnx': onnxGraph(),
      'tokenizer_2/vocab.json': '{}',
      'tokenizer_2/merges.txt': '#version: 0.2',
      'transformer/config.json': JSON.stringify({
        _class_name: 'SD3Transformer2DModel',
        sample_size: 128,
        patch_size: 2,
      }),
    };
    expect((await inspected(sd3))?.model).toMatchObject({
      problem: null,
      family: 'sd3',
      defaults: {
        width: 1024,
        height: 1024,
        steps: 28,
        guidanceScale: 7,
        scheduler: 'flow-euler',
        sigmaSchedule: 'normal',
      },
    });
    const withT5 = { ...sd3, 'text_encoder_3/model.onnx': onnxGraph() };
    expect(await problemOf(withT5)).toMatch('tokenizer_3/tokenizer.json');
    expect(await problemOf({ ...withT5, 'tokenizer_3/tokenizer.json': '{}' })).toBeNull();
    expect(await problemOf({ ...sd3, 'text_encoder_2/model.onnx': null })).toMatch(
      'text_encoder_2',
    );
  });

  it('of Flux needs T5, and few steps where it was distilled without guidance', async () => {
    const fluxWith = (guidance_embeds: boolean) => ({
      ...flow,
      'text_encoder_2/model.onnx': onnxGraph(),
      'tokenizer_2/tokenizer.json': '{}',
      'transformer/config.json': JSON.stringify({
        _class_name: 'FluxTransformer2DModel',
        patch_size: 1,
        guidance_embeds,
      }),
    });
    expect((await inspected(fluxWith(true)))?.model).toMatchObject({
      problem: null,
      family: 'flux',
      defaults: { width: 1024, steps: 28, guidanceScale: 3.5, scheduler: 'flow-euler' },
    });
    expect((await inspected(fluxWith(false)))?.model).toMatchObject({
      defaults: { steps: 4, guidanceScale: 1, scheduler: 'flow-euler' },
    });
    expect(await problemOf({ ...fluxWith(true), 'text_encoder_2/model.onnx': null })).toMatch(
      'text_encoder_2',
    );
  });

  it('of a kind that cannot run yet says so', async () => {
    const config = JSON.stringify({ _class_name: 'PixArtTransformer2DModel' });
    expect(await problemOf({ ...flow, 'transformer/config.json': config })).toMatch(
      'PixArtTransformer2DModel',
    );
    expect(await problemOf({ 'v1-5.safetensors': 'x' })).toMatch('"model_index.json" is missing');
  });
});

describe('a text model', () => {
  it('gets its defaults from its configs', async () => {
    expect((await inspected(textModelFiles))?.model).toMatchObject({
      kind: 'text',
      problem: null,
      contextLength: 512,
      licence: 'unknown',
      defaults: { temperature: 0.6, topK: 0, topP: 0.9, minP: 0.05, repetitionPenalty: 1.1 },
    });
  });

  it('may begin and go on with graphs of their own', async () => {
    const apart = {
      ...textModelFiles,
      'onnx/model.onnx': null,
      'decoder_model.onnx': onnxGraph(),
      'decoder_with_past_model.onnx': onnxGraph(),
    };
    expect((await inspected(apart))?.model).toMatchObject({ kind: 'text', problem: null });
    expect(await problemOf({ ...apart, 'decoder_model.onnx': 'cut' })).toContain(
      'decoder_model.onnx',
    );
  });

  it('takes sampling and context from atelier.json', async () => {
    const manifest = { contextLength: 256, defaultSampling: { temperature: 0.7, minP: 0.1 } };
    expect(
      (await inspected({ ...textModelFiles, 'atelier.json': JSON.stringify(manifest) }))?.model,
    ).toMatchObject({
      contextLength: 256,
      defaults: { temperature: 0.7, topP: 0.9, minP: 0.1 },
    });
  });

  it.each(['config.json', 'tokenizer.json', 'onnx/model.onnx'])(
    'without %s is listed with that problem',
    async (part) => {
      expect(await problemOf({ ...textModelFiles, [part]: null })).toContain(part);
    },
  );
});

it('a folder that holds no model is none', async () => {
  expect(await inspected({ 'notes.txt': 'x', '.hidden/config.json': '{}' })).toBeNull();
  await using temporary = await temporaryFolder();
  await mkdir(path.join(temporary.folder, 'empty'));
  expect(inspectModel(path.join(temporary.folder, 'empty'), false)).toBeNull();
});
