/** Which family of models a LoRA was made for: what its metadata declares, or what its tensors change. */
import type { SafetensorsHeader } from '../../../contract/safetensors-header.ts';
import { familyOfWidth } from '../catalog/model-family.ts';

/** @returns null where neither tells */
export function loraFamily({ tensors, metadata }: SafetensorsHeader): string | null {
  return declaredFamily(metadata) ?? transformerFamily(tensors) ?? unetFamily(tensors);
}

/** What kohya's scripts and the model specification of Stability AI write. */
function declaredFamily(metadata: SafetensorsHeader['metadata']): string | null {
  const declared = `${metadata['ss_base_model_version'] ?? ''} ${metadata['modelspec.architecture'] ?? ''}`;
  const known: readonly (readonly [RegExp, string])[] = [
    [/sdxl|stable-diffusion-xl/i, 'sdxl'],
    [/sd_?v?2|stable-diffusion-v2/i, 'sd2'],
    [/sd_?v?1|stable-diffusion-v1/i, 'sd1'],
    [/sd_?v?3|stable-diffusion-v?3/i, 'sd3'],
    // Flux 2 is another transformer.
    [/flux(?!-?2)/i, 'flux'],
  ];
  return known.find(([pattern]) => pattern.test(declared))?.[1] ?? null;
}

const named = String.raw`^(?:base_model\.model\.)?(?:lora_(?:unet|transformer)_|(?:transformer|(?:model\.)?diffusion_model)\.)?`;
const jointBlock = new RegExp(String.raw`${named}joint_blocks[._]`);
const fluxBlock = new RegExp(
  String.raw`${named}(?:double_blocks|single_blocks|single_transformer_blocks)[._]`,
);
/** Modules of diffusers' that Stable Diffusion 3 and Flux share. */
const sharedBlock = new RegExp(
  String.raw`${named}transformer_blocks[._]\d+[._](?:attn2?[._](?:to_[qkv]|add_[qkv]_proj)|(?:ff|ff_context)[._]net[._]0[._]proj|norm1(?:_context)?[._]linear)\.lora_(?:A|down)`,
);
const downHalf = /\.lora_(?:A|down)/;
/** The width of layers tells: Stable Diffusion 3 Medium (and 3.5 Medium), 3.5 Large, Flux. */
const familyOfLayers: ReadonlyMap<number, string> = new Map([
  [1536, 'sd3'],
  [2432, 'sd3'],
  [3072, 'flux'],
]);
/** Other transformers of Flux's width have more blocks than these. */
const fluxBlocks = 19;

function transformerFamily(tensors: SafetensorsHeader['tensors']): string | null {
  const names = [...tensors.keys()].filter((name) => downHalf.test(name));
  if (names.some((name) => jointBlock.test(name))) return 'sd3';
  if (names.some((name) => fluxBlock.test(name))) return 'flux';
  const shared = names.filter((name) => sharedBlock.test(name));
  const [first = ''] = shared;
  const family = familyOfLayers.get(tensors.get(first)?.dims[1] ?? 0) ?? null;
  const blocks = shared.map((name) => Number(/transformer_blocks[._](?<n>\d+)/.exec(name)?.[1]));
  return family === 'flux' && Math.max(...blocks) >= fluxBlocks ? null : family;
}

/** The keys of cross attention are made from the prompt's embeddings. */
function unetFamily(tensors: SafetensorsHeader['tensors']): string | null {
  for (const [name, { dims }] of tensors)
    if (/attn2[._](?:processor\.)?to_k.*(?:lora_down|lora_A|lora\.down)/.test(name))
      return familyOfWidth(dims[1]);
  return null;
}
