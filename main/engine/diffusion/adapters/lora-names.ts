/**
 * How LoRA files name the layers they change: kohya's scripts (underscores all through, also with the
 * block names of the original Stable Diffusion XL) and diffusers/PEFT (the path of the module).
 */

export type AdaptedPart = 'denoiser' | 'textEncoder' | 'textEncoder2' | 'textEncoder3';

export type LoraRole = 'down' | 'up' | 'mid' | 'alpha';

export interface LoraTensorName {
  readonly part: AdaptedPart;
  /** As `flatPath` writes it. */
  readonly module: string;
  readonly role: LoraRole;
}

/** Module paths with every separator an underscore, so that both manners meet. */
export function flatPath(path: string): string {
  return path.replaceAll('.', '_').replace(/^(?:(?:model|module|text_model)_)+/, '');
}

const roles: readonly (readonly [RegExp, LoraRole])[] = [
  [/\.lora_(?:down|A)(?:\.default)?\.weight$/, 'down'],
  [/\.lora_(?:up|B)(?:\.default)?\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/(?:\.|_)lora(?:_linear_layer)?\.down\.weight$/, 'down'],
  [/(?:\.|_)lora(?:_linear_layer)?\.up\.weight$/, 'up'],
  [/(?:(?:\.|_)lora(?:_linear_layer)?)?\.alpha$/, 'alpha'],
];

const parts: readonly (readonly [RegExp, AdaptedPart])[] = [
  [/^lora_(?:unet|transformer)_/, 'denoiser'],
  [/^lora_te1?_/, 'textEncoder'],
  [/^lora_te2_/, 'textEncoder2'],
  [/^lora_te3_/, 'textEncoder3'],
  [/^(?:unet|transformer|(?:model\.)?diffusion_model)\./, 'denoiser'],
  [/^text_encoder\./, 'textEncoder'],
  [/^text_encoder_2\./, 'textEncoder2'],
  [/^text_encoder_3\./, 'textEncoder3'],
  // The denoiser's own file names no part.
  [
    /^(?=(?:down_blocks|mid_block|up_blocks|conv_in|conv_out|time_embedding|transformer_blocks|single_transformer_blocks|double_blocks|single_blocks|joint_blocks)[._])/,
    'denoiser',
  ],
];

/** @returns null for a key that belongs to no LoRA */
export function parseLoraName(key: string): LoraTensorName | null {
  const bare = key.replace(/^base_model\.model\./, '');
  const role = roles.find(([ending]) => ending.test(bare));
  const part = parts.find(([beginning]) => beginning.test(bare));
  if (!role || !part) return null;
  const module = bare
    .replace(role[0], '')
    .replace(part[0], '')
    .replaceAll('.processor.', '.')
    // diffusers once named what is `to_out.0` by the list that holds it.
    .replace(/\.to_out$/, '.to_out.0');
  return { part: part[1], module: flatPath(module), role: role[1] };
}

/** What other methods leave in their files, with the method's name. */
const otherMethods: readonly (readonly [RegExp, string])[] = [
  [/\.(?:dora_scale|lora_magnitude_vector)(?:\.|$)/, 'DoRA'],
  [/\.hada_/, 'LoHa'],
  [/\.lokr_/, 'LoKr'],
  [/\.(?:oft_|boft_)/, 'OFT'],
  [/\.(?:a1|b1|a2|b2)\.weight$/, 'GLoRA'],
  [/\.on_input$/, '(IA)³'],
  [/\.diff(?:_b)?$/, 'whole differences of weights'],
];

export function otherMethodOf(key: string): string | null {
  return otherMethods.find(([pattern]) => pattern.test(key))?.[1] ?? null;
}

const resnetLayers: Readonly<Record<string, string>> = {
  in_layers_2: 'conv1',
  out_layers_3: 'conv2',
  emb_layers_1: 'time_emb_proj',
  skip_connection: 'conv_shortcut',
};

const singleLayers: Readonly<Record<string, string>> = {
  input_blocks_0_0: 'conv_in',
  out_2: 'conv_out',
  time_embed_0: 'time_embedding_linear_1',
  time_embed_2: 'time_embedding_linear_2',
  label_emb_0_0: 'add_embedding_linear_1',
  label_emb_0_2: 'add_embedding_linear_2',
};

/**
 * A flat path in the original's block names to diffusers' (`input_blocks_4_1_…` to
 * `down_blocks_1_attentions_0_…`); any other as it is.
 * @param layersPerBlock of the UNet, 2 for all that were published
 */
export function fromOriginalBlocks(module: string, layersPerBlock: number): string {
  const single = singleLayers[module];
  if (single !== undefined) return single;
  const middle = /^middle_block_(?<sub>\d+)_(?<rest>.+)$/.exec(module)?.groups;
  if (middle) {
    const sub = Number(middle['sub']);
    const rest = middle['rest'] ?? '';
    return sub === 1
      ? `mid_block_attentions_0_${rest}`
      : `mid_block_resnets_${sub / 2}_${resnetLayers[rest] ?? rest}`;
  }
  const found = /^(?<way>input|output)_blocks_(?<n>\d+)_(?<sub>\d+)_(?<rest>.+)$/.exec(module);
  if (!found?.groups) return module;
  const isDown = found.groups['way'] === 'input';
  const n = Number(found.groups['n']) - (isDown ? 1 : 0);
  const sub = Number(found.groups['sub']);
  const rest = found.groups['rest'] ?? '';
  const perBlock = layersPerBlock + 1;
  const index = n % perBlock;
  const block = `${isDown ? 'down' : 'up'}_blocks_${Math.floor(n / perBlock)}`;
  if (rest === 'op') return `${block}_downsamplers_0_conv`;
  if (rest === 'conv') return `${block}_upsamplers_0_conv`;
  return sub === 0
    ? `${block}_resnets_${index}_${resnetLayers[rest] ?? rest}`
    : `${block}_attentions_${index}_${rest}`;
}
