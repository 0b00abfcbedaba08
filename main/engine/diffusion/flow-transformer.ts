/** What a folder says about the transformer of a rectified flow, in place of a UNet. */
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { readModelJson } from './model-files.ts';
import { loadSentenceTokenizer, type SentenceTokenizer } from './prompt/sentence-tokenizer.ts';

interface Shared {
  /** T5, which some folders of Stable Diffusion 3 leave out for its size. */
  readonly sentenceEncoder: {
    readonly graph: string;
    readonly tokenizer: SentenceTokenizer;
  } | null;
  /** Tokens of T5's sequence. */
  readonly sentenceLength: number;
  /** Width of the prompt's embeddings. */
  readonly textWidth: number;
  /** Latents along one side of a token of the picture. */
  readonly patchSize: number;
}

/** Esser et al. 2024, arXiv:2403.03206: latents as they are, classifier-free guidance. */
export interface Sd3Transformer extends Shared {
  readonly kind: 'sd3';
  /** Along one side: positions are learnt, or laid out, for no more. */
  readonly maxPatches: number;
}

/** Black Forest Labs 2024: latents as a sequence of patches with their places, and no negative prompt. */
export interface FluxTransformer extends Shared {
  readonly kind: 'flux';
  /** Distilled with guidance: it is told the scale. */
  readonly readsGuidance: boolean;
}

export type FlowTransformer = Sd3Transformer | FluxTransformer;

/** The files whose change makes a loaded model stale. */
export const flowTransformerFiles: readonly string[] = [
  'transformer/config.json',
  'text_encoder_3/model.onnx',
  'tokenizer_2/tokenizer.json',
  'tokenizer_3/tokenizer.json',
];

const TransformerConfig = z.object({
  _class_name: z.string(),
  in_channels: z.number().int().positive(),
  joint_attention_dim: z.number().int().positive().default(4096),
  patch_size: z.number().int().positive().default(2),
  pos_embed_max_size: z.number().int().positive().default(96),
  guidance_embeds: z.boolean().default(false),
});

/** Flux packs patches of 2 × 2 latents before its transformer. */
const fluxPatch = 2;

/**
 * @param has whether the folder has a file
 * @throws {StudioError} `model-invalid` (naming the file), `unsupported`
 */
export async function loadFlowTransformer(
  id: string,
  folder: string,
  latentChannels: number,
  has: (name: string) => Promise<boolean>,
): Promise<FlowTransformer> {
  const config = await readModelJson(
    path.join(folder, 'transformer/config.json'),
    TransformerConfig,
  );
  const { in_channels: channels, joint_attention_dim: textWidth } = config;
  const fits = (expected: number) => {
    if (channels === expected) return;
    throw new StudioError(
      'unsupported',
      `The transformer of "${id}" takes ${channels} channels, and drawing with its autoencoder makes ${expected}: it is a model for another purpose.`,
      { id },
    );
  };
  const sentences = async (number: '_2' | '_3') => ({
    graph: path.join(folder, `text_encoder${number}/model.onnx`),
    tokenizer: await loadSentenceTokenizer(path.join(folder, `tokenizer${number}`)),
  });
  switch (config._class_name) {
    case 'SD3Transformer2DModel':
      fits(latentChannels);
      return {
        kind: 'sd3',
        sentenceEncoder: (await has('text_encoder_3/model.onnx')) ? await sentences('_3') : null,
        sentenceLength: 256,
        textWidth,
        patchSize: config.patch_size,
        maxPatches: config.pos_embed_max_size,
      };
    case 'FluxTransformer2DModel':
      fits(latentChannels * fluxPatch ** 2);
      return {
        kind: 'flux',
        sentenceEncoder: await sentences('_2'),
        // The model distilled without guidance was also trained on prompts half as long.
        sentenceLength: config.guidance_embeds ? 512 : 256,
        textWidth,
        patchSize: fluxPatch,
        readsGuidance: config.guidance_embeds,
      };
    default:
      throw new StudioError(
        'unsupported',
        `The transformer of "${id}" is a ${config._class_name}. Transformers of Stable Diffusion 3 and Flux can be run.`,
        { id },
      );
  }
}
