/** What a folder of an image model in the diffusers ONNX layout says about itself. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ModelLocation } from '../../../contract/engine.ts';
import { StudioError } from '../../../contract/errors.ts';
import {
  flowTransformerFiles,
  loadFlowTransformer,
  type FlowTransformer,
} from './flow-transformer.ts';
import { readModelJson } from './model-files.ts';
import { PreviewFactors } from './preview.ts';
import { loadClipTokenizer, type ClipTokenizer } from './prompt/clip-tokenizer.ts';
import { SchedulerConfig } from './schedulers/config.ts';

/** One of the networks that read the prompt. */
export interface TextEncoder {
  /** As LoRA files tell them apart. */
  readonly part: 'textEncoder' | 'textEncoder2';
  readonly graph: string;
  readonly tokenizer: ClipTokenizer;
  /** How many layers it has, if its config.json tells. */
  readonly layers: number | null;
}

export interface ImageModel {
  readonly id: string;
  readonly graphs: {
    /** The UNet, or the transformer of a rectified flow. */
    readonly denoiser: string;
    readonly vaeDecoder: string;
  };
  /** What they make stands side by side, in this order. */
  readonly textEncoders: readonly [TextEncoder, ...TextEncoder[]];
  /**
   * Stable Diffusion XL: the UNet reads hidden states from before the last layer, the embedding of the prompt
   * as a whole, and sizes; null for all others. Source: Podell et al. 2023, arXiv:2307.01952, §2.2
   */
  readonly xl: {
    /** Its refiner is told a score in place of the size aimed at. */
    readonly readsAestheticScore: boolean;
    /** An empty negative prompt is told as zeros. */
    readonly zeroesEmptyNegative: boolean;
  } | null;
  /** A transformer along a rectified flow stands in the UNet's place; null for all others. */
  readonly flow: FlowTransformer | null;
  readonly schedulerConfig: SchedulerConfig;
  readonly latentChannels: number;
  /** Latents as the UNet sees them = (latents of the autoencoder − shift) · scaling. */
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  /** Pixels per latent along one side. */
  readonly spatialFactor: number;
  /** Width and height must be multiples of this many pixels: the UNet halves the latents several times, a transformer reads them in patches. */
  readonly sizeMultiple: number;
  /** Latents to colours for live previews, if the model's maker measured them. */
  readonly previewFactors: PreviewFactors | null;
  /** Width of the guidance scale's embedding, for models distilled with guidance; null for all others. */
  readonly guidanceEmbeddingWidth: number | null;
  /** The UNet also reads a mask and the latents of the masked picture, as inpainting models do. */
  readonly readsMask: boolean;
}

/** The files whose change makes a loaded model stale. */
export const imageModelFiles: readonly string[] = [
  'model_index.json',
  'unet/config.json',
  'vae_decoder/config.json',
  'scheduler/scheduler_config.json',
  ...['', '_2'].flatMap((number) => [
    `text_encoder${number}/config.json`,
    `text_encoder${number}/model.onnx`,
    `tokenizer${number}/vocab.json`,
    `tokenizer${number}/merges.txt`,
    `tokenizer${number}/special_tokens_map.json`,
    `tokenizer${number}/tokenizer_config.json`,
  ]),
  ...flowTransformerFiles,
  'atelier.json',
];

const ModelIndex = z.object({
  _class_name: z.string(),
  requires_aesthetics_score: z.boolean().default(false),
  force_zeros_for_empty_prompt: z.boolean().default(true),
});
const UnetConfig = z.object({
  in_channels: z.number().int().positive(),
  block_out_channels: z.array(z.number()).min(1),
  time_cond_proj_dim: z.number().int().min(2).nullish(),
  addition_embed_type: z.string().nullish(),
});
const TextEncoderConfig = z.object({
  vocab_size: z.number().int().positive().optional(),
  num_hidden_layers: z.number().int().positive().optional(),
});
const VaeConfig = z.object({
  latent_channels: z.number().int().positive().default(4),
  block_out_channels: z.array(z.number()).min(1),
  scaling_factor: z.number().positive().default(0.18215),
  shift_factor: z.number().nullish(),
});
const AtelierManifest = z.object({ previewFactors: PreviewFactors.nullish().catch(null) });

/** @throws {StudioError} `model-missing`, `model-invalid` (naming the file), `unsupported` */
export async function loadImageModel({ id, folder }: ModelLocation): Promise<ImageModel> {
  const read = <S extends z.ZodType>(name: string, schema: S, missing?: z.input<S>) =>
    readModelJson(path.join(folder, name), schema, missing);
  const index = await read('model_index.json', ModelIndex);
  const vae = await read('vae_decoder/config.json', VaeConfig);
  const schedulerConfig = await read('scheduler/scheduler_config.json', SchedulerConfig);
  const { previewFactors } = await read('atelier.json', AtelierManifest, {});
  const has = (name: string) => exists(path.join(folder, name));
  const spatialFactor = 2 ** (vae.block_out_channels.length - 1);
  const shared = {
    id,
    schedulerConfig,
    latentChannels: vae.latent_channels,
    scalingFactor: vae.scaling_factor,
    shiftFactor: vae.shift_factor ?? 0,
    spatialFactor,
    previewFactors:
      previewFactors && previewFactors.matrix.length === vae.latent_channels
        ? previewFactors
        : null,
  };
  const graphsWith = (denoiser: string) => ({
    denoiser: path.join(folder, denoiser),
    vaeDecoder: path.join(folder, 'vae_decoder/model.onnx'),
  });

  if ((await has('transformer/config.json')) || (await has('transformer/model.onnx'))) {
    const flow = await loadFlowTransformer(id, folder, vae.latent_channels, has);
    const first = await loadTextEncoder(folder, 'textEncoder', '');
    const others = flow.kind === 'sd3' ? [await loadTextEncoder(folder, 'textEncoder2', '_2')] : [];
    const graphs = graphsWith('transformer/model.onnx');
    const sentences = flow.sentenceEncoder ? [flow.sentenceEncoder] : [];
    for (const { graph } of [first, ...others, ...sentences]) await requireGraph(graph);
    await requireGraph(graphs.denoiser);
    return {
      ...shared,
      graphs,
      textEncoders: [first, ...others],
      xl: null,
      flow,
      // Flows are published without saying so.
      schedulerConfig: { ...schedulerConfig, prediction_type: 'flow_prediction' },
      sizeMultiple: spatialFactor * flow.patchSize,
      guidanceEmbeddingWidth: null,
      readsMask: false,
    };
  }

  const unet = await read('unet/config.json', UnetConfig);
  const isXl = unet.addition_embed_type === 'text_time';
  const readsMask = unet.in_channels === 2 * vae.latent_channels + 1;
  if (unet.in_channels !== vae.latent_channels && !readsMask) {
    throw new StudioError(
      'unsupported',
      `The UNet of "${id}" takes ${unet.in_channels} channels and its autoencoder makes ${vae.latent_channels}: it is a model for another purpose than drawing and inpainting.`,
      { id },
    );
  }
  return {
    ...shared,
    graphs: graphsWith('unet/model.onnx'),
    textEncoders: await loadTextEncoders(folder, isXl),
    xl: isXl
      ? {
          readsAestheticScore: index.requires_aesthetics_score,
          zeroesEmptyNegative: index.force_zeros_for_empty_prompt,
        }
      : null,
    flow: null,
    sizeMultiple: spatialFactor * 2 ** (unet.block_out_channels.length - 1),
    guidanceEmbeddingWidth: unet.time_cond_proj_dim ?? null,
    readsMask,
  };
}

/** Stable Diffusion XL has two, and its refiner the second one alone. */
async function loadTextEncoders(
  folder: string,
  isXl: boolean,
): Promise<readonly [TextEncoder, ...TextEncoder[]]> {
  const second = () => loadTextEncoder(folder, 'textEncoder2', '_2');
  if (isXl && !(await exists(path.join(folder, 'text_encoder/model.onnx'))))
    return [await second()];
  const first = await loadTextEncoder(folder, 'textEncoder', '');
  return isXl ? [first, await second()] : [first];
}

async function requireGraph(file: string): Promise<void> {
  if (await exists(file)) return;
  throw new StudioError('model-invalid', `"${file}" is missing. Install the model again.`, {
    file,
  });
}

async function loadTextEncoder(
  folder: string,
  part: TextEncoder['part'],
  number: '' | '_2',
): Promise<TextEncoder> {
  const own = path.join(folder, `text_encoder${number}`);
  const config = await readModelJson(path.join(own, 'config.json'), TextEncoderConfig, {});
  const tokenizer = await loadClipTokenizer(path.join(folder, `tokenizer${number}`));
  const { vocab_size: known, num_hidden_layers: layers = null } = config;
  if (known !== undefined && tokenizer.vocabularySize > known) {
    const file = path.join(folder, `tokenizer${number}/vocab.json`);
    throw new StudioError(
      'model-invalid',
      `"${file}" has ${tokenizer.vocabularySize} tokens, of which the text encoder knows ${known}: it belongs to another model. Install the model again.`,
      { file },
    );
  }
  return { part, graph: path.join(own, 'model.onnx'), tokenizer, layers };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
