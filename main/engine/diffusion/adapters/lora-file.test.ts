import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphModule } from '../../session.ts';
import { matchLayers, openLora, readLayers } from './lora-file.ts';
import { fromOriginalBlocks, parseLoraName } from './lora-names.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-lora-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** @param tensors dimensions and values by name */
async function write(tensors: Readonly<Record<string, readonly [number[], number[]]>>) {
  const header: Record<string, unknown> = {};
  const values: number[] = [];
  for (const [name, [shape, own]] of Object.entries(tensors)) {
    const begin = values.length * 4;
    values.push(...own);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, values.length * 4] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = path.join(folder, 'x.safetensors');
  const data = Buffer.from(Float32Array.from(values).buffer);
  await writeFile(file, Buffer.concat([length, text, data]));
  return file;
}

const zeros = (...shape: number[]): readonly [number[], number[]] => [
  shape,
  Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, () => 0),
];

const linear: GraphModule = {
  path: 'down_blocks.0.attentions.0.proj',
  kind: 'linear',
  inFeatures: 3,
  outFeatures: 2,
  kernel: [],
};
const convolution: GraphModule = {
  ...linear,
  path: 'conv_in',
  kind: 'convolution',
  kernel: [3, 3],
};
const name = 'lora_unet_down_blocks_0_attentions_0_proj';

describe('names in LoRA files', () => {
  it.each([
    [`${name}.lora_down.weight`, 'denoiser', 'down_blocks_0_attentions_0_proj', 'down'],
    ['unet.mid_block.a.to_q.lora_B.weight', 'denoiser', 'mid_block_a_to_q', 'up'],
    ['unet.mid_block.a.to_q.lora_A.default.weight', 'denoiser', 'mid_block_a_to_q', 'down'],
    ['base_model.model.unet.conv_in.lora_A.weight', 'denoiser', 'conv_in', 'down'],
    [
      'mid_block.a.attn1.processor.to_out_lora.up.weight',
      'denoiser',
      'mid_block_a_attn1_to_out_0',
      'up',
    ],
    ['unet.mid_block.a.to_k.lora.down.weight', 'denoiser', 'mid_block_a_to_k', 'down'],
    [
      'lora_te_text_model_encoder_layers_0_mlp_fc1.alpha',
      'textEncoder',
      'encoder_layers_0_mlp_fc1',
      'alpha',
    ],
    [
      'lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha',
      'textEncoder',
      'encoder_layers_0_mlp_fc1',
      'alpha',
    ],
    [
      'lora_te2_text_model_encoder_layers_1_mlp_fc1.lora_mid.weight',
      'textEncoder2',
      'encoder_layers_1_mlp_fc1',
      'mid',
    ],
    [
      'text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_linear_layer.up.weight',
      'textEncoder',
      'encoder_layers_0_mlp_fc1',
      'up',
    ],
    [
      'text_encoder_2.text_model.encoder.layers.0.mlp.fc1.lora_A.weight',
      'textEncoder2',
      'encoder_layers_0_mlp_fc1',
      'down',
    ],
  ])('%s', (key, part, module, role) => {
    expect(parseLoraName(key)).toEqual({ part, module, role });
  });

  it.each([
    ['input_blocks_0_0', 'conv_in'],
    ['input_blocks_1_0_in_layers_2', 'down_blocks_0_resnets_0_conv1'],
    ['input_blocks_3_0_op', 'down_blocks_0_downsamplers_0_conv'],
    ['input_blocks_4_1_proj_in', 'down_blocks_1_attentions_0_proj_in'],
    [
      'input_blocks_8_1_transformer_blocks_9_attn2_to_k',
      'down_blocks_2_attentions_1_transformer_blocks_9_attn2_to_k',
    ],
    ['middle_block_0_out_layers_3', 'mid_block_resnets_0_conv2'],
    ['middle_block_1_proj_out', 'mid_block_attentions_0_proj_out'],
    ['middle_block_2_emb_layers_1', 'mid_block_resnets_1_time_emb_proj'],
    ['output_blocks_2_2_conv', 'up_blocks_0_upsamplers_0_conv'],
    ['output_blocks_5_0_skip_connection', 'up_blocks_1_resnets_2_conv_shortcut'],
    ['output_blocks_5_1_proj_in', 'up_blocks_1_attentions_2_proj_in'],
    ['time_embed_2', 'time_embedding_linear_2'],
    ['down_blocks_1_attentions_0_proj_in', 'down_blocks_1_attentions_0_proj_in'],
  ])('of the original blocks: %s', (original, diffusers) => {
    expect(fromOriginalBlocks(original, 2)).toBe(diffusers);
  });
});

describe('a LoRA file', () => {
  it('gives each layer its factors, alpha included', async () => {
    const file = await write({
      [`${name}.lora_down.weight`]: [
        [2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
      [`${name}.lora_up.weight`]: [
        [2, 2],
        [1, 2, 3, 4],
      ],
      [`${name}.alpha`]: [[], [1]],
    });
    const lora = await openLora(file);
    const layer = matchLayers(lora, ['denoiser'], [linear]).get(linear.path)?.layer;
    const factors = layer && (await readLayers(lora.file, [layer])).get(layer);
    expect(factors?.rank).toBe(2);
    expect([...(factors?.up ?? [])]).toEqual([0.5, 1, 1.5, 2]);
  });

  it('contracts the middle of a decomposed convolution', async () => {
    const mid = Array.from({ length: 9 }, (_, index) => index);
    const file = await write({
      'lora_unet_conv_in.lora_down.weight': [
        [1, 3, 1, 1],
        [1, 10, 100],
      ],
      'lora_unet_conv_in.lora_mid.weight': [[1, 1, 3, 3], mid],
      'lora_unet_conv_in.lora_up.weight': [
        [2, 1, 1, 1],
        [1, 1],
      ],
    });
    const lora = await openLora(file);
    const layer = matchLayers(lora, ['denoiser'], [convolution]).get('conv_in')?.layer;
    const factors = layer && (await readLayers(lora.file, [layer])).get(layer);
    const expected = [1, 10, 100].flatMap((scale) => mid.map((value) => value * scale));
    expect([...(factors?.down ?? [])]).toEqual(expected);
  });

  const down = `${name}.lora_down.weight`;
  const up = `${name}.lora_up.weight`;
  it.each([
    ['of other inputs', { [down]: zeros(2, 4), [up]: zeros(2, 2) }, down, /3 inputs and 2 outputs/],
    ['of other outputs', { [down]: zeros(2, 3), [up]: zeros(5, 2) }, up, /\[5, 2\]/],
    ['of two ranks', { [down]: zeros(2, 3), [up]: zeros(2, 1) }, up, /does not fit/],
    ['of a rank of nothing', { [down]: zeros(0, 3), [up]: zeros(2, 0) }, down, /does not fit/],
    [
      'with a list for alpha',
      { [down]: zeros(1, 3), [up]: zeros(2, 1), [`${name}.alpha`]: zeros(2) },
      `${name}.alpha`,
      /not one number/,
    ],
    ['without one half', { [down]: zeros(1, 3) }, down, /no up half/],
    ['with a stranger', { stranger: zeros(1) }, 'stranger', /no part of a LoRA/],
    [
      'of another model',
      { 'lora_unet_x.lora_down.weight': zeros(1, 3), 'lora_unet_x.lora_up.weight': zeros(2, 1) },
      'lora_unet_x.lora_down.weight',
      /no module "x"/,
    ],
    ['of another method', { [`${name}.hada_w1_a`]: zeros(1) }, `${name}.hada_w1_a`, /LoHa/],
    ['with a magnitude', { [`${name}.dora_scale`]: zeros(1) }, `${name}.dora_scale`, /DoRA/],
  ] as const)('%s is refused by file and tensor', async (_, tensors, tensor, why) => {
    const file = await write(tensors);
    const matched = openLora(file).then((lora) => matchLayers(lora, ['denoiser'], [linear]));
    await expect(matched).rejects.toMatchObject({
      message: expect.stringMatching(why),
      details: { file, tensor },
    });
    await expect(matched).rejects.toThrow(/"x\.safetensors"/);
  });
});
