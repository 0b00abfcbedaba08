/**
 * How LoRA files that keep the original's names call the layers of the transformers of Flux and Stable
 * Diffusion 3. What the original computes in one layer, diffusers does in several, whose rows stand one
 * after the other. Source: the converters of diffusers (`lora_conversion_utils`, `single_file_utils`).
 */

/** What a layer is in diffusers. */
export interface RenamedLayer {
  /** Flat paths, in the order of the layer's rows. */
  readonly modules: readonly string[];
  /**
   * Makes shifts, scales and gates: where it makes one shift and one scale alone, diffusers has the scale
   * first.
   */
  readonly isModulation: boolean;
}

const projections = (block: string, names: readonly string[]) =>
  names.map((name) => `${block}_${name}`);
const own = ['to_q', 'to_k', 'to_v'];
const added = ['add_q_proj', 'add_k_proj', 'add_v_proj'];

type Renaming = (block: string) => readonly string[];

const fluxDouble: Readonly<Record<string, Renaming>> = {
  img_attn_qkv: (block) => projections(`${block}_attn`, own),
  img_attn_proj: (block) => [`${block}_attn_to_out_0`],
  img_mlp_0: (block) => [`${block}_ff_net_0_proj`],
  img_mlp_2: (block) => [`${block}_ff_net_2`],
  img_mod_lin: (block) => [`${block}_norm1_linear`],
  txt_attn_qkv: (block) => projections(`${block}_attn`, added),
  txt_attn_proj: (block) => [`${block}_attn_to_add_out`],
  txt_mlp_0: (block) => [`${block}_ff_context_net_0_proj`],
  txt_mlp_2: (block) => [`${block}_ff_context_net_2`],
  txt_mod_lin: (block) => [`${block}_norm1_context_linear`],
};

const fluxSingle: Readonly<Record<string, Renaming>> = {
  linear1: (block) => [...projections(`${block}_attn`, own), `${block}_proj_mlp`],
  linear2: (block) => [`${block}_proj_out`],
  modulation_lin: (block) => [`${block}_norm_linear`],
};

const sd3Joint: Readonly<Record<string, Renaming>> = {
  x_block_attn_qkv: (block) => projections(`${block}_attn`, own),
  x_block_attn_proj: (block) => [`${block}_attn_to_out_0`],
  x_block_attn2_qkv: (block) => projections(`${block}_attn2`, own),
  x_block_attn2_proj: (block) => [`${block}_attn2_to_out_0`],
  x_block_mlp_fc1: (block) => [`${block}_ff_net_0_proj`],
  x_block_mlp_fc2: (block) => [`${block}_ff_net_2`],
  x_block_adaLN_modulation_1: (block) => [`${block}_norm1_linear`],
  context_block_attn_qkv: (block) => projections(`${block}_attn`, added),
  context_block_attn_proj: (block) => [`${block}_attn_to_add_out`],
  context_block_mlp_fc1: (block) => [`${block}_ff_context_net_0_proj`],
  context_block_mlp_fc2: (block) => [`${block}_ff_context_net_2`],
  context_block_adaLN_modulation_1: (block) => [`${block}_norm1_context_linear`],
};

const blocks: readonly (readonly [RegExp, string, Readonly<Record<string, Renaming>>])[] = [
  [/^double_blocks_(?<n>\d+)_(?<layer>.+)$/, 'transformer_blocks', fluxDouble],
  [/^single_blocks_(?<n>\d+)_(?<layer>.+)$/, 'single_transformer_blocks', fluxSingle],
  [/^joint_blocks_(?<n>\d+)_(?<layer>.+)$/, 'transformer_blocks', sd3Joint],
];

const outsideBlocks: Readonly<Record<string, string>> = {
  img_in: 'x_embedder',
  txt_in: 'context_embedder',
  time_in_in_layer: 'time_text_embed_timestep_embedder_linear_1',
  time_in_out_layer: 'time_text_embed_timestep_embedder_linear_2',
  vector_in_in_layer: 'time_text_embed_text_embedder_linear_1',
  vector_in_out_layer: 'time_text_embed_text_embedder_linear_2',
  guidance_in_in_layer: 'time_text_embed_guidance_embedder_linear_1',
  guidance_in_out_layer: 'time_text_embed_guidance_embedder_linear_2',
  x_embedder_proj: 'pos_embed_proj',
  t_embedder_mlp_0: 'time_text_embed_timestep_embedder_linear_1',
  t_embedder_mlp_2: 'time_text_embed_timestep_embedder_linear_2',
  y_embedder_mlp_0: 'time_text_embed_text_embedder_linear_1',
  y_embedder_mlp_2: 'time_text_embed_text_embedder_linear_2',
  final_layer_linear: 'proj_out',
  final_layer_adaLN_modulation_1: 'norm_out_linear',
};

/** @param module as `flatPath` writes it @returns null for a name that is none of the originals' */
export function fromOriginalTransformer(module: string): RenamedLayer | null {
  const isModulation = module.endsWith('adaLN_modulation_1');
  const single = outsideBlocks[module];
  if (single !== undefined) return { modules: [single], isModulation };
  for (const [pattern, block, renamings] of blocks) {
    const { n, layer = '' } = pattern.exec(module)?.groups ?? {};
    const renaming = n === undefined ? undefined : renamings[layer];
    if (renaming) return { modules: renaming(`${block}_${n}`), isModulation };
  }
  return null;
}
