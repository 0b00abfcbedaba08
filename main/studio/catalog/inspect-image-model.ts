/** A text-to-image folder in the diffusers ONNX layout, of the shape of Stable Diffusion 1, 2 and XL, or a transformer. */
import { z } from 'zod';
import type { SchedulerName, SigmaSchedule } from '../../../contract/image-request.ts';
import { imageLimits } from '../../../contract/image-request.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { ImageManifest } from './manifest.ts';
import { familyOfWidth } from './model-family.ts';
import { checkGraph, readModelJson, requireFile, type ModelFiles } from './model-files.ts';
import { ModelProblem } from './model-problem.ts';

const ModelIndex = z.looseObject({ _class_name: z.string() });
const UNetConfig = z.looseObject({
  sample_size: z
    .union([
      z.number(),
      z
        .array(z.number())
        .min(1)
        .transform(([first]) => first ?? 0),
    ])
    .optional(),
  down_block_types: z.array(z.string()).optional(),
  cross_attention_dim: z.union([z.number(), z.array(z.number())]).optional(),
});
const DecoderConfig = z.looseObject({ block_out_channels: z.array(z.number()).min(1).optional() });
const SchedulerConfig = z.looseObject({
  _class_name: z.string().optional(),
  use_karras_sigmas: z.boolean().optional(),
  timestep_spacing: z.string().optional(),
  rescale_betas_zero_snr: z.boolean().optional(),
});

const tinyDecoderGraph = 'vae_decoder_tiny/model.onnx';
const tokenizerFiles = ['vocab.json', 'merges.txt'] as const;
/** Of Stable Diffusion 1 and 2, for folders without these configs. */
const sd1 = { sampleSize: 64, vaeFactor: 8, unetFactor: 8 } as const;

export interface ImageParts {
  readonly graphs: readonly string[];
  readonly defaults: ImageModel['defaults'];
  readonly spatialFactor: number;
  readonly family: string | null;
  readonly hasTinyDecoder: boolean;
}

/** @throws {ModelProblem} */
export function inspectImageModel(model: ModelFiles, manifest: ImageManifest): ImageParts {
  readModelJson(model, 'model_index.json', ModelIndex);
  if (hasFolder(model, 'transformer')) return inspectTransformer(model, manifest);
  const encoders = encodersOf(model);
  for (const number of encoders) requireClipTokenizer(model, number);
  const scheduler = readModelJson(model, 'scheduler/scheduler_config.json', SchedulerConfig);
  const unet = readModelJson(model, 'unet/config.json', UNetConfig);
  const decoder = readModelJson(model, 'vae_decoder/config.json', DecoderConfig);
  const textEncoders = encoders.map((number) => `text_encoder${number}`);
  const { graphs, hasTinyDecoder } = checkGraphs(model, [...textEncoders, 'unet']);
  const vaeFactor = decoder.block_out_channels
    ? 2 ** (decoder.block_out_channels.length - 1)
    : sd1.vaeFactor;
  // An exported U-Net halves its input once per block but the last and cannot pad what is odd.
  const unetFactor = unet.down_block_types
    ? 2 ** (unet.down_block_types.length - 1)
    : sd1.unetFactor;
  const spatialFactor = manifest.sizeMultiple ?? vaeFactor * unetFactor;
  const preset = presetOf(scheduler);
  return {
    graphs,
    spatialFactor,
    family: familyOf(unet.cross_attention_dim),
    hasTinyDecoder,
    defaults: defaultsOf(
      manifest,
      preset,
      (unet.sample_size ?? sd1.sampleSize) * vaeFactor,
      spatialFactor,
    ),
  };
}

const TransformerConfig = z.looseObject({
  _class_name: z.string().optional(),
  sample_size: z.number().optional(),
  patch_size: z.number().int().positive().optional(),
  guidance_embeds: z.boolean().optional(),
});
/** Stable Diffusion 3 and Flux; both read patches of two latents by two. */
const transformers = {
  SD3Transformer2DModel: { family: 'sd3', clip: ['', '_2'], t5: '_3', isT5Optional: true },
  FluxTransformer2DModel: { family: 'flux', clip: [''], t5: '_2', isT5Optional: false },
} as const;
const flowSide = 1024;

/** A transformer along a rectified flow, in the UNet's place. */
function inspectTransformer(model: ModelFiles, manifest: ImageManifest): ImageParts {
  const config = readModelJson(model, 'transformer/config.json', TransformerConfig);
  const kind = Object.entries(transformers).find(([name]) => name === config._class_name)?.[1];
  if (!kind) {
    throw new ModelProblem(
      `It is a diffusion transformer of the kind "${config._class_name ?? 'unknown'}", which cannot be run yet. Those of Stable Diffusion 3 and Flux can.`,
    );
  }
  const { family, clip, t5 } = kind;
  for (const number of clip) requireClipTokenizer(model, number);
  const hasT5 = !kind.isT5Optional || hasFolder(model, `text_encoder${t5}`);
  if (hasT5)
    requireFile(model, `tokenizer${t5}/tokenizer.json`, 'turns prompts into tokens for T5');
  readModelJson(model, 'scheduler/scheduler_config.json', SchedulerConfig);
  const decoder = readModelJson(model, 'vae_decoder/config.json', DecoderConfig);
  const encoders = [...clip, ...(hasT5 ? [t5] : [])].map((number) => `text_encoder${number}`);
  const { graphs, hasTinyDecoder } = checkGraphs(model, [...encoders, 'transformer']);
  const vaeFactor = decoder.block_out_channels
    ? 2 ** (decoder.block_out_channels.length - 1)
    : sd1.vaeFactor;
  // The transformer of Flux has patches of one, packed before.
  const patch = family === 'flux' ? 2 : (config.patch_size ?? 2);
  const spatialFactor = manifest.sizeMultiple ?? vaeFactor * patch;
  const side = config.sample_size === undefined ? flowSide : config.sample_size * vaeFactor;
  return {
    graphs,
    spatialFactor,
    family,
    hasTinyDecoder,
    defaults: defaultsOf(manifest, flowPreset(family, config.guidance_embeds), side, spatialFactor),
  };
}

/** As their makers publish them; a Flux that does not read the guidance was distilled to few steps. */
function flowPreset(family: 'sd3' | 'flux', readsGuidance: boolean | undefined): Preset {
  const shared = { scheduler: 'flow-euler', sigmaSchedule: 'normal' } as const;
  if (family === 'sd3') return { ...shared, steps: 28, guidanceScale: 7 };
  return readsGuidance
    ? { ...shared, steps: 28, guidanceScale: 3.5 }
    : { ...shared, steps: 4, guidanceScale: 1 };
}

function requireClipTokenizer(model: ModelFiles, number: '' | '_2'): void {
  if (model.files.has(`tokenizer${number}/tokenizer.json`)) return;
  for (const file of tokenizerFiles)
    requireFile(model, `tokenizer${number}/${file}`, 'turns prompts into tokens');
}

/** @returns every file of the parts, of the autoencoder and of its encoder, if there is one */
function checkGraphs(
  model: ModelFiles,
  parts: readonly string[],
): Pick<ImageParts, 'graphs' | 'hasTinyDecoder'> {
  const graphs = [...parts, 'vae_decoder'].flatMap((part) =>
    checkGraph(model, `${part}/model.onnx`),
  );
  if (model.files.has('vae_encoder/model.onnx'))
    graphs.push(...checkGraph(model, 'vae_encoder/model.onnx'));
  const hasTinyDecoder = model.files.has(tinyDecoderGraph);
  if (hasTinyDecoder) checkGraph(model, tinyDecoderGraph);
  return { graphs, hasTinyDecoder };
}

/** What the manifest says, else what suits the model. */
function defaultsOf(
  manifest: ImageManifest,
  preset: Preset,
  side: number,
  multiple: number,
): ImageModel['defaults'] {
  const [width, height] = manifest.defaultSize ?? [side, side];
  return {
    width: fitting(width, multiple),
    height: fitting(height, multiple),
    steps: manifest.defaultSteps ?? preset.steps,
    guidanceScale: manifest.defaultGuidance ?? preset.guidanceScale,
    scheduler: manifest.defaultScheduler ?? preset.scheduler,
    sigmaSchedule: manifest.defaultSigmaSchedule ?? preset.sigmaSchedule,
  };
}

/** @param dims of the UNet's cross attention, for all blocks or one each */
function familyOf(dims: number | readonly number[] | undefined): string | null {
  const width = typeof dims === 'number' ? dims : dims?.[0];
  return width === undefined ? null : (familyOfWidth(width) ?? 'other');
}

/** Endings of the folders' names: Stable Diffusion XL has two, and its refiner the second one alone. */
function encodersOf(model: ModelFiles): readonly ('' | '_2')[] {
  if (!hasFolder(model, 'text_encoder_2')) return [''];
  return hasFolder(model, 'text_encoder') ? ['', '_2'] : ['_2'];
}

function hasFolder(model: ModelFiles, name: string): boolean {
  return model.files.keys().some((file) => file.startsWith(`${name}/`));
}

function fitting(pixels: number, multiple: number): number {
  const bounded = Math.min(Math.max(pixels, imageLimits.minSide), imageLimits.maxSide);
  return Math.max(1, Math.round(bounded / multiple)) * multiple;
}

interface Preset {
  readonly scheduler: SchedulerName;
  readonly sigmaSchedule: SigmaSchedule;
  readonly steps: number;
  readonly guidanceScale: number;
}

/** What suits the sampler that the model was published with. */
function presetOf(config: z.infer<typeof SchedulerConfig>): Preset {
  const sigmaSchedule = config.use_karras_sigmas ? 'karras' : 'normal';
  // Distilled by adversarial training (arXiv:2311.17042), to few steps without guidance.
  const isTurbo = config.timestep_spacing === 'trailing' && !config.rescale_betas_zero_snr;
  const steps = isTurbo ? 4 : 20;
  const guidanceScale = isTurbo ? 1 : 7.5;
  switch (config._class_name) {
    case 'DDIMScheduler':
      return { scheduler: 'ddim', sigmaSchedule: 'normal', steps: 20, guidanceScale: 7.5 };
    case 'EulerDiscreteScheduler':
      return { scheduler: 'euler', sigmaSchedule, steps, guidanceScale };
    case 'EulerAncestralDiscreteScheduler':
      return {
        scheduler: 'euler-ancestral',
        sigmaSchedule,
        steps: isTurbo ? steps : 25,
        guidanceScale,
      };
    case 'LCMScheduler':
      return { scheduler: 'lcm', sigmaSchedule: 'normal', steps: 4, guidanceScale: 1 };
    default:
      return { scheduler: 'dpmpp-2m', sigmaSchedule: 'karras', steps: 20, guidanceScale: 7.5 };
  }
}
