import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphEdit, Session } from '../session.ts';
import { float32ToFloat16 } from '../tensor/float16.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { editGraph, listModules } from './graph-edit.ts';
import { readGraphStructure } from './graph-structure.ts';
import { loadOnnxruntime } from './load-onnxruntime.ts';
import { runtimeParts } from './runtimes.fixture.ts';
import { elementTypes, integer, message, model, node, text, valueInfo } from './onnx-message.ts';
import { createSessionPool, type OnnxSessionPool } from './session-pool.ts';

const golden = (name: string) =>
  fileURLToPath(new URL(`../diffusion/golden/${name}`, import.meta.url));
const unet = golden('tiny-stable-diffusion/unet/model.onnx');
const noEdit: GraphEdit = {
  lowRank: [],
  controlResiduals: false,
  freeU: false,
  tokenEmbeddings: false,
  int8Linear: false,
  skippedLayers: 0,
};

let folder: string;
let pool: OnnxSessionPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-edit-'));
  pool = createSessionPool({
    ...(await runtimeParts()),
    provider: 'cpu',
    threads: 1,
    memoryBudgetBytes: 2 ** 30,
    cacheFolder: path.join(folder, 'cache'),
  });
});
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A TensorProto in a graph; `raw` of its type, little-endian. */
const initializer = (name: string, type: number, dims: readonly number[], raw: Uint8Array) =>
  message(
    5,
    ...dims.map((dim) => integer(1, dim)),
    integer(2, type),
    text(8, name),
    message(9, [...raw]),
  );
const bytesOf = (values: ArrayBufferView) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const attribute = (name: string, value: number) =>
  message(5, text(1, name), integer(3, value), integer(20, 2));
/** `node` with a name and attributes. */
const layer = (
  operator: string,
  name: string,
  inputs: readonly string[],
  output: string,
  ...attributes: readonly (readonly number[])[]
) =>
  message(
    1,
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(3, name),
    text(4, operator),
    ...attributes,
  );

async function keep(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

async function writeGraph(name: string, ...fields: readonly (readonly number[])[]) {
  const file = path.join(folder, name);
  await writeFile(file, model(...fields));
  return file;
}

const f32 = (dims: readonly number[], ...values: readonly number[]) =>
  tensor('float32', Float32Array.from(values), dims);

async function run(
  file: string,
  feeds: Readonly<Record<string, Tensor>>,
  edit: GraphEdit = noEdit,
): Promise<readonly number[]> {
  await using lease = await pool.borrow('m', file, { edit });
  const { y } = await lease.session.run(feeds);
  const data = (await y?.read())?.data ?? [];
  return Array.from(data as Float32Array, Number);
}

/** x [1,2] · down [2,1] · up [1,2] */
const lowRank = {
  'layer.lora_down': f32([2, 1], 1, 2),
  'layer.lora_up': f32([1, 2], 10, 100),
};
const edit: GraphEdit = { ...noEdit, lowRank: ['layer'] };

describe('a low-rank term', () => {
  const ends = [valueInfo(11, 'x', 'float32', 1, 2), valueInfo(12, 'y', 'float32', 1, 2)];
  const weights = Float32Array.of(1, 2, 3, 4);

  const whole = initializer('onnx::MatMul_7', elementTypes.float32, [2, 2], bytesOf(weights));
  const asInt8 = initializer('w', 3, [2, 2], Uint8Array.from([1, 2, 3, 4]));
  const scale = initializer('s', elementTypes.float32, [], bytesOf(Float32Array.of(1)));
  const zero = initializer('z', 3, [], Uint8Array.of(0));
  const graphs = {
    plain: [layer('MatMul', '/model/layer/MatMul', ['x', 'onnx::MatMul_7'], 'y'), whole],
    // Gemm with a transposed weight: [1, 3; 2, 4] are its rows.
    gemm: [
      layer('Gemm', 'n', ['x', 'model.layer.weight'], 'y', attribute('transB', 1)),
      initializer(
        'model.layer.weight',
        elementTypes.float32,
        [2, 2],
        bytesOf(Float32Array.of(1, 3, 2, 4)),
      ),
    ],
    dequantised: [
      layer('DequantizeLinear', 'd', ['w', 's', 'z'], 'wide'),
      layer('MatMul', '/layer/MatMul', ['x', 'wide'], 'y'),
      asInt8,
      scale,
      zero,
    ],
    scaled: [
      layer('Cast', 'c', ['w'], 'cast', attribute('to', 1)),
      layer('Mul', 'm', ['cast', 's'], 'wide'),
      layer('MatMul', '/layer/MatMul', ['x', 'wide'], 'y'),
      asInt8,
      scale,
    ],
  };

  it.each(Object.entries(graphs))(
    'is added to a product with weights stored %s',
    async (name, fields) => {
      const file = await writeGraph(`${name}.onnx`, ...fields, ...ends);
      expect(await pool.modules(file)).toEqual([
        { path: 'layer', kind: 'linear', inFeatures: 2, outFeatures: 2, kernel: [] },
      ]);
      const x = f32([1, 2], 1, 1);
      expect(await run(file, { x })).toEqual([4, 6]);
      // (1 · 1 + 1 · 2) · [10, 100] more.
      expect(await run(file, { x, ...lowRank }, edit)).toEqual([34, 306]);
    },
  );

  it('is added behind a dynamically quantised product, from what it was made of', async () => {
    const quantise = message(
      1,
      text(1, 'x'),
      ...['q', 'qs', 'qz'].map((name) => text(2, name)),
      text(4, 'DynamicQuantizeLinear'),
    );
    const file = await writeGraph(
      'dynamic.onnx',
      quantise,
      layer('MatMulInteger', '/layer/MatMul_quant', ['q', 'w_quantized', 'qz'], 'whole'),
      layer('Cast', 'c', ['whole'], 'real', attribute('to', 1)),
      layer('Mul', 'm', ['real', 'qs'], 'y'),
      initializer('w_quantized', 3, [2, 2], Uint8Array.from([1, 2, 3, 4])),
      ...ends,
    );
    const [first = 0, second = 0] = await run(file, { x: f32([1, 2], 1, 1), ...lowRank }, edit);
    expect(first).toBeCloseTo(34, 1);
    expect(second).toBeCloseTo(306, 1);
  });

  it('is of the graph’s own precision', async () => {
    const halves = float32ToFloat16(weights);
    const file = await writeGraph(
      'half.onnx',
      layer('MatMul', '/layer/MatMul', ['x', 'w'], 'y'),
      initializer('w', elementTypes.float16, [2, 2], bytesOf(halves)),
      valueInfo(11, 'x', 'float16', 1, 2),
      valueInfo(12, 'y', 'float16', 1, 2),
    );
    await using lease = await pool.borrow('m', file, { edit });
    const types = lease.session.inputs.map(({ type }) => type);
    expect(types).toEqual(['float16', 'float16', 'float16']);
  });

  it('can only be added to a module that is there', async () => {
    const other = pool.borrow('m', unet, { edit: { ...noEdit, lowRank: ['layer'] } });
    await expect(other).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(/unet\/model\.onnx.*no module "layer"/),
    });
  });
});

describe('an edited graph', () => {
  const feeds = {
    sample: tensor('float32', new Float32Array(4 * 8 * 8).fill(0.3), [1, 4, 8, 8]),
    timestep: tensor('float32', Float32Array.of(500), [1]),
    encoder_hidden_states: tensor('float32', new Float32Array(77 * 32).fill(0.1), [1, 77, 32]),
  };
  const outputOf = async (session: Pick<Session, 'run'>) => {
    const { out_sample: output } = await session.run(feeds);
    return (await output?.read())?.data;
  };

  it('takes large weights from where they lie, at any offset', async () => {
    const structure = readGraphStructure(unet, 0);
    const edited = editGraph(unet, structure, noEdit);
    const { length } = await readFile(unet);
    expect(edited.length).toBeLessThan(length - 70_000);
    // The runtime resolves the references against the graph's own folder.
    await using base = await pool.borrow('m', unet);
    const file = path.join(path.dirname(unet), 'model.onnx');
    const onnxruntime = await loadOnnxruntime();
    const session = await onnxruntime.InferenceSession.create(edited, {
      extra: {
        session: { model_external_initializers_file_folder_path: path.dirname(file) },
      },
    });
    const ort = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, data, dims }]) => [
        name,
        new onnxruntime.Tensor(type, data, dims),
      ]),
    );
    const { out_sample: output } = await session.run(ort);
    expect(output?.data).toEqual(await outputOf(base.session));
    await session.release();
  });

  it('has the modules of the original, with their shapes', () => {
    const modules = listModules(readGraphStructure(unet));
    const at = (wanted: string) => modules.find((module) => module.path === wanted);
    expect(at('mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj')).toMatchObject({
      kind: 'linear',
      inFeatures: 32,
      outFeatures: 256,
    });
    expect(at('down_blocks.1.resnets.0.conv1')).toMatchObject({
      kind: 'convolution',
      inFeatures: 16,
      outFeatures: 32,
      kernel: [3, 3],
    });
    expect(at('time_embedding.linear_1')).toMatchObject({ inFeatures: 16, outFeatures: 64 });
  });

  it('computes its linear layers with whole numbers, close to what they were, with adapters as well', async () => {
    const int8 = { ...noEdit, int8Linear: true };
    const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
      let sum = 0;
      let size = 0;
      for (let i = 0; i < a.length; i += 1) {
        sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
        size += (a[i] ?? 0) ** 2;
      }
      return Math.sqrt(sum / size);
    };
    await using base = await pool.borrow('m', unet);
    const exact = (await outputOf(base.session)) as Float32Array;
    // Weights inside the file, and referred to.
    for (const name of ['inline', 'referred'] as const) {
      const structure = readGraphStructure(unet, name === 'inline' ? undefined : 0);
      const bytes = editGraph(unet, structure, int8);
      const operators = readGraphStructure(await keep(`${name}.onnx`, bytes)).nodes.map(
        ({ operator }) => operator,
      );
      expect(operators.filter((operator) => operator === 'MatMulInteger')).toHaveLength(40);
    }
    await using whole = await pool.borrow('m', unet, { edit: int8 });
    const error = distance(exact, (await outputOf(whole.session)) as Float32Array);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.02);
    const module = 'mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj';
    await using adapted = await pool.borrow('m', unet, { edit: { ...int8, lowRank: [module] } });
    const zeros = {
      [`${module}.lora_down`]: tensor('float32', new Float32Array(32), [32, 1]),
      [`${module}.lora_up`]: tensor('float32', new Float32Array(256), [1, 256]),
    };
    const { out_sample: output } = await adapted.session.run({ ...feeds, ...zeros });
    expect(distance(exact, (await output?.read())?.data as Float32Array)).toBeCloseTo(error, 5);
  });

  it('is a session of its own beside the original, and both are released with their model', async () => {
    const own = { ...noEdit, lowRank: ['conv_in'] };
    {
      await using base = await pool.borrow('both', unet);
      await using edited = await pool.borrow('both', unet, { edit: own });
      expect(edited.session).not.toBe(base.session);
      await using again = await pool.borrow('both', unet, { edit: own });
      expect(again.session).toBe(edited.session);
    }
    await pool.release('both');
    expect(pool.loadedModels).not.toContain('both');
  });

  it.each([
    ['tiny-sd3', ['block.0']],
    ['tiny-flux', ['block.0', 'single.0']],
    ['tiny-flux-blocks', ['block.0', 'block.1', 'block.2', 'single.0', 'single.1']],
    ['tiny-flux-joined', ['block.0', 'block.1', 'block.2', 'single.0', 'single.1']],
  ])('gives the blocks of %s residuals', async (name, expected) => {
    const graph = golden(`${name}/transformer/model.onnx`);
    const edit = { ...noEdit, controlResiduals: true };
    await using lease = await pool.borrow(name, graph, { edit });
    const added = lease.session.inputs.filter(({ name: input }) => input.startsWith('control.'));
    expect(added.map(({ name: input }) => input)).toEqual(expected.map((own) => `control.${own}`));
    expect(added.every(({ type, dims }) => type === 'float32' && dims.length === 3)).toBe(true);
    await expect(
      pool.borrow(name, graph, { edit: { ...edit, freeU: true } }),
    ).rejects.toMatchObject({ code: 'model-invalid' });
  });

  it('says which file is damaged, or cannot be adapted', async () => {
    const cut = path.join(folder, 'cut.onnx');
    await writeFile(cut, (await readFile(unet)).subarray(0, 5000));
    expect(() => readGraphStructure(cut)).toThrow(/cut\.onnx cannot be used/);
    const plain = await writeGraph(
      'plain.onnx',
      node('Add', ['x', 'x'], ['y']),
      valueInfo(11, 'x', 'float32', 1),
      valueInfo(12, 'y', 'float32', 1),
    );
    for (const [change, why] of [
      [{ controlResiduals: true }, /skip connections nor its blocks/],
      [{ freeU: true }, /skip connections nor its blocks/],
      [{ tokenEmbeddings: true }, /token embeddings/],
      [{ int8Linear: true }, /no linear layers of float32/],
    ] as const) {
      await expect(
        pool.borrow('m', plain, { edit: { ...noEdit, ...change } }),
      ).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringMatching(why) });
    }
  });
});
