/** A text-to-image folder in the diffusers ONNX layout, of the shape of Stable Diffusion 1 and 2. */
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
  const index = readModelJson(model, 'model_index.json', ModelIndex);
  if (hasFolder(model, 'transformer')) {
    throw new ModelProblem(
      'It is a diffusion transformer, which this version cannot run yet. Use a model of the Stable Diffusion 1 or 2 family.',
    );
  }
  if (hasFolder(model, 'text_encoder_2') || /XL/.test(index._class_name)) {
    throw new ModelProblem(
      'It is an SDXL model, which this version cannot run yet. Use a model of the Stable Diffusion 1 or 2 family.',
    );
  }
  if (!model.files.has('tokenizer/tokenizer.json')) {
    for (const file of tokenizerFiles)
      requireFile(model, `tokenizer/${file}`, 'turns prompts into tokens');
  }
  const scheduler = readModelJson(model, 'scheduler/scheduler_config.json', SchedulerConfig);
  const unet = readModelJson(model, 'unet/config.json', UNetConfig);
  const decoder = readModelJson(model, 'vae_decoder/config.json', DecoderConfig);
  const graphs = ['text_encoder', 'unet', 'vae_decoder'].flatMap((part) =>
    checkGraph(model, `${part}/model.onnx`),
  );
  if (model.files.has('vae_encoder/model.onnx'))
    graphs.push(...checkGraph(model, 'vae_encoder/model.onnx'));

  const hasTinyDecoder = model.files.has(tinyDecoderGraph);
  if (hasTinyDecoder) checkGraph(model, tinyDecoderGraph);
  const vaeFactor = decoder.block_out_channels
    ? 2 ** (decoder.block_out_channels.length - 1)
    : sd1.vaeFactor;
  // An exported U-Net halves its input once per block but the last and cannot pad what is odd.
  const unetFactor = unet.down_block_types
    ? 2 ** (unet.down_block_types.length - 1)
    : sd1.unetFactor;
  const spatialFactor = manifest.sizeMultiple ?? vaeFactor * unetFactor;
  const side = (unet.sample_size ?? sd1.sampleSize) * vaeFactor;
  const [width, height] = manifest.defaultSize ?? [side, side];
  const preset = presetOf(scheduler._class_name ?? '', scheduler.use_karras_sigmas ?? false);
  return {
    graphs,
    spatialFactor,
    family: familyOf(unet.cross_attention_dim),
    hasTinyDecoder,
    defaults: {
      width: fitting(width, spatialFactor),
      height: fitting(height, spatialFactor),
      steps: manifest.defaultSteps ?? preset.steps,
      guidanceScale: manifest.defaultGuidance ?? preset.guidanceScale,
      scheduler: manifest.defaultScheduler ?? preset.scheduler,
      sigmaSchedule: manifest.defaultSigmaSchedule ?? preset.sigmaSchedule,
    },
  };
}

/** @param dims of the UNet's cross attention, for all blocks or one each */
function familyOf(dims: number | readonly number[] | undefined): string | null {
  const width = typeof dims === 'number' ? dims : dims?.[0];
  return width === undefined ? null : (familyOfWidth(width) ?? 'other');
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
function presetOf(schedulerClass: string, karras: boolean): Preset {
  const sigmaSchedule = karras ? 'karras' : 'normal';
  switch (schedulerClass) {
    case 'DDIMScheduler':
      return { scheduler: 'ddim', sigmaSchedule: 'normal', steps: 20, guidanceScale: 7.5 };
    case 'EulerDiscreteScheduler':
      return { scheduler: 'euler', sigmaSchedule, steps: 20, guidanceScale: 7.5 };
    case 'EulerAncestralDiscreteScheduler':
      return { scheduler: 'euler-ancestral', sigmaSchedule, steps: 25, guidanceScale: 7.5 };
    case 'LCMScheduler':
      return { scheduler: 'lcm', sigmaSchedule: 'normal', steps: 4, guidanceScale: 1 };
    default:
      return { scheduler: 'dpmpp-2m', sigmaSchedule: 'karras', steps: 20, guidanceScale: 7.5 };
  }
}
