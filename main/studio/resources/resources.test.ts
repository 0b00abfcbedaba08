import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { onnxGraph, temporaryFolder, writeFolder } from '../catalog/model.fixture.ts';
import { openResources, type Resources } from './resources.ts';

const golden = fileURLToPath(
  new URL('../../engine/diffusion/golden/tiny-adapters', import.meta.url),
);
const goldenFile = (name: string) => path.join(golden, name);

function safetensors(
  tensors: Readonly<Record<string, readonly number[]>>,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let at = 0;
  for (const [name, shape] of Object.entries(tensors)) {
    const end = at + shape.reduce((product, dim) => product * dim, 2);
    header[name] = { dtype: 'F16', shape, data_offsets: [at, end] };
    at = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(at)]);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Library extends AsyncDisposable {
  readonly folder: string;
  readonly adapters: string;
  open(): Promise<Resources>;
}

async function temporaryLibrary(): Promise<Library> {
  const { folder, ...temporary } = await temporaryFolder();
  const adapters = path.join(folder, 'adapters');
  const opened: Resources[] = [];
  await mkdir(path.join(folder, 'data'));
  return {
    folder,
    adapters,
    async open() {
      const resources = await openResources({
        folder: adapters,
        dataFolder: path.join(folder, 'data'),
        log: () => {},
      });
      opened.push(resources);
      return resources;
    },
    async [Symbol.asyncDispose]() {
      for (const resources of opened) await resources.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

describe('adapters in the library', () => {
  it('are listed with their family, words and problems', async () => {
    await using library = await temporaryLibrary();
    const frequencies = { '5_cats': { whiskers: 9, paws: 4 }, '1_more': { paws: 8 } };
    await writeFolder(library.adapters, {
      'loras/deep/cats.safetensors': safetensors(
        { 'lora_unet_down_blocks_0_attentions_0_attn2_to_k.lora_down.weight': [4, 768] },
        { ss_tag_frequency: JSON.stringify(frequencies), ss_output_name: 'Katzen' },
      ),
      'loras/big.safetensors': safetensors(
        { 'lora_unet_mid.lora_down.weight': [4, 32] },
        {
          ss_base_model_version: 'sdxl_base_v1-0',
          'modelspec.trigger_phrase': 'big, bold',
          'modelspec.license': 'MIT ',
        },
      ),
      'loras/other.safetensors': safetensors({ 'lora_unet_mid.hada_w1_a': [4, 4] }),
      'loras/cut.safetensors': safetensors({ 'a.lora_down.weight': [4, 4] }).subarray(0, 90),
      'loras/.hidden.safetensors': 'x',
      'embeddings/style.safetensors': safetensors({ emb_params: [3, 1024] }),
      'embeddings/old.pt': 'pickle',
      'upscalers/2x.onnx': onnxGraph(),
      'upscalers/outside.onnx': onnxGraph({ external: ['weights.bin'] }),
      'vae/colours/vae_decoder/model.onnx': onnxGraph(),
      'vae/empty/readme.txt': 'nothing',
      'controlnets/edges/config.json': JSON.stringify({ cross_attention_dim: 768 }),
      'controlnets/edges/model.onnx': onnxGraph(),
      'controlnets/raw.safetensors': 'x',
    });
    const resources = await library.open();
    const facts = Object.fromEntries(
      resources
        .list()
        .map(({ kind, id, family, triggerWords, problem }) => [
          `${kind} ${id}`,
          problem ?? [family, ...triggerWords].join(', '),
        ]),
    );
    expect(facts).toEqual({
      'lora big': 'sdxl, big, bold',
      'lora cut': expect.stringMatching(/damaged/),
      'lora deep/cats': 'sd1, paws, whiskers',
      'lora other': expect.stringMatching(/hada_w1_a/),
      'embedding old': expect.stringMatching(/pickle/),
      'embedding style': 'sd2, style',
      'controlnet edges': 'sd1',
      'controlnet raw': expect.stringMatching(/model\.onnx/),
      'upscaler 2x': '',
      'upscaler outside': expect.stringMatching(/weights\.bin/),
      'vae colours': '',
      'vae empty': expect.stringMatching(/vae_decoder\/model\.onnx/),
    });
    expect(resources.find('lora', 'big').licence).toBe('MIT');
    for (const name of ['deep/cats', 'CATS', 'katzen'])
      expect(resources.find('lora', name).id).toBe('deep/cats');
    expect(() => resources.find('lora', 'dogs')).toThrow(/no LoRA "dogs".*adapters/);
    expect(() => resources.find('lora', 'other')).toThrow(/cannot be used/);
  });

  it.each([
    ['sd3', 'lora_unet_joint_blocks_0_x_block_attn_qkv.lora_down.weight', 1536],
    ['sd3', 'diffusion_model.joint_blocks.0.x_block.attn.qkv.lora_A.weight', 1536],
    ['sd3', 'transformer.transformer_blocks.0.attn.to_q.lora_A.weight', 1536],
    ['sd3', 'transformer.transformer_blocks.37.attn.to_q.lora_A.weight', 2432],
    ['sd3', 'transformer.transformer_blocks.0.attn2.to_k.lora_A.weight', 1536],
    ['flux', 'lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight', 3072],
    ['flux', 'lora_unet_single_blocks_37_linear1.lora_down.weight', 3072],
    ['flux', 'transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight', 3072],
    ['flux', 'transformer.transformer_blocks.18.attn.add_q_proj.lora_A.weight', 3072],
    [null, 'transformer.transformer_blocks.59.attn.to_q.lora_A.weight', 3072],
    [null, 'transformer.transformer_blocks.0.attn.to_q.lora_A.weight', 100],
    ['sd2', 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight', 1024],
  ])('of the family %s are told by their tensors: %s', async (family, tensor, width) => {
    await using library = await temporaryLibrary();
    await writeFolder(library.adapters, {
      'loras/own.safetensors': safetensors({ [tensor]: [4, width] }),
    });
    expect((await library.open()).find('lora', 'own').family).toBe(family);
  });

  it('are told by what they declare, and ControlNets by their class', async () => {
    await using library = await temporaryLibrary();
    const half = { 'lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight': [4, 768] };
    const control = (name: string, change = {}) => ({
      [`controlnets/${name}/config.json`]: JSON.stringify({ _class_name: name, ...change }),
      [`controlnets/${name}/model.onnx`]: onnxGraph(),
    });
    await writeFolder(library.adapters, {
      'loras/a.safetensors': safetensors(half, { ss_base_model_version: 'sd3.5-medium' }),
      'loras/b.safetensors': safetensors(half, { 'modelspec.architecture': 'flux-1-dev/lora' }),
      'loras/c.safetensors': safetensors(half, { 'modelspec.architecture': 'flux-2-dev/lora' }),
      ...control('SD3ControlNetModel'),
      ...control('FluxControlNetModel', { num_mode: null }),
    });
    await writeFolder(path.join(library.adapters, 'controlnets/union'), {
      'config.json': JSON.stringify({ _class_name: 'FluxControlNetModel', num_mode: 6 }),
      'model.onnx': onnxGraph(),
    });
    const facts = (await library.open())
      .list()
      .map(({ id, family, problem }) => [id, problem ?? family]);
    expect(Object.fromEntries(facts)).toEqual({
      a: 'sd3',
      b: 'flux',
      c: null,
      SD3ControlNetModel: 'sd3',
      FluxControlNetModel: 'flux',
      union: expect.stringMatching(/several kinds of picture/),
    });
  });

  it('are hashed in the background: the whole file, and what lies behind its header', async () => {
    await using library = await temporaryLibrary();
    await mkdir(path.join(library.adapters, 'loras'), { recursive: true });
    await cp(goldenFile('kohya.safetensors'), path.join(library.adapters, 'loras/k.safetensors'));
    const resources = await library.open();
    for await (const [first] of resources.watch(AbortSignal.timeout(10_000)))
      if (first?.hash !== null) break;
    const bytes = await readFile(goldenFile('kohya.safetensors'));
    const headerEnd = 8 + Number(bytes.readBigUInt64LE());
    expect(resources.list()[0]?.hash).toBe(sha256(bytes));
    const hashes = { hash: sha256(bytes), tensorsHash: sha256(bytes.subarray(headerEnd)) };
    expect(await resources.hashes('lora', 'k')).toEqual(hashes);
    await resources.close();
    expect((await library.open()).list()[0]?.hash).toBe(sha256(bytes));
  });
});

describe('importing an adapter', () => {
  it.each([
    ['kohya.safetensors', 'lora', 'kohya'],
    ['sketchy.safetensors', 'embedding', 'sketchy'],
    ['control', 'controlnet', 'control'],
  ])('finds out what %s is, and copies it', async (name, kind, id) => {
    await using library = await temporaryLibrary();
    const resources = await library.open();
    const imported = await resources.importFrom(goldenFile(name), null);
    expect(imported).toMatchObject({ kind, id, problem: null });
    expect(resources.find(imported.kind, id).path).toBe(imported.path);
    expect((await (await library.open()).refresh()).map((resource) => resource.id)).toEqual([id]);
    await expect(resources.importFrom(goldenFile(name), null)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('refuses what is missing, a pickle, damaged or something else, and leaves nothing behind', async () => {
    await using library = await temporaryLibrary();
    const resources = await library.open();
    const from = await writeFolder(path.join(library.folder, 'from'), {
      'old.pt': 'x',
      'cut.safetensors': 'x',
      'photo.jpg': 'x',
      'broken.onnx': 'x',
    });
    const refused = [
      ['gone', 'not-found', /no file/],
      ['old.pt', 'model-invalid', /pickle/],
      ['cut.safetensors', 'model-invalid', /damaged/],
      ['photo.jpg', 'model-invalid', /no LoRA/],
      ['broken.onnx', 'model-invalid', /damaged/],
      ['', 'model-invalid', /no LoRA/],
    ] as const;
    for (const [name, code, message] of refused)
      await expect(resources.importFrom(path.join(from, name), null)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    expect(await readdir(library.folder)).not.toContain('adapters');
  });

  it('from a window comes in pieces, and is there with the last one or not at all', async () => {
    await using library = await temporaryLibrary();
    const resources = await library.open();
    const bytes = new Uint8Array(await readFile(goldenFile('kohya.safetensors')));
    const half = bytes.length >> 1;
    const send = (
      sent: Uint8Array<ArrayBuffer>,
      cuts: readonly number[],
      kind: 'lora' | null = null,
    ) => {
      const file = { transfer: randomUUID(), name: 'k.safetensors', kind, sizeBytes: sent.length };
      return cuts.reduce<Promise<unknown>>(
        (before, offset, index) =>
          before.then(() =>
            resources.receive({ ...file, offset, bytes: sent.subarray(offset, cuts[index + 1]) }),
          ),
        Promise.resolve(),
      );
    };
    await expect(send(bytes, [half])).rejects.toMatchObject({ code: 'bad-request' });
    await expect(send(bytes.subarray(0, half), [0, 9])).rejects.toThrow(/k.*damaged/);
    expect(await send(bytes, [0, half, half + 7])).toMatchObject({ id: 'k', kind: 'lora' });
    expect(await readFile(path.join(library.adapters, 'loras/k.safetensors'))).toEqual(
      Buffer.from(bytes),
    );
    expect(await readdir(library.adapters)).toEqual(['loras']);
  });

  it('that was killed half-way is removed at the next start', async () => {
    await using library = await temporaryLibrary();
    const loras = path.join(library.adapters, 'loras');
    await mkdir(path.join(library.adapters, '.import-half'), { recursive: true });
    await mkdir(loras, { recursive: true });
    await writeFile(path.join(library.folder, 'half'), 'x');
    await rename(path.join(library.folder, 'half'), path.join(loras, '.import-half'));
    await library.open();
    expect(await readdir(loras)).toEqual([]);
    expect(await readdir(library.adapters)).toEqual(['loras']);
  });
});
