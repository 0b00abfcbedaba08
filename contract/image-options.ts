/**
 * What a picture may be made from and through, besides its prompt: input pictures, masks, a second
 * pass, adapters. Every field has a value that means "without", so that older recipes stay valid.
 */
import { z } from 'zod';
import { ContentHash, ImageId, ModelId } from './ids.ts';

const fraction = z.number().min(0).max(1);

/** An adapter file or folder: its `id` in `resources.list`. */
export const ResourceId = z.string().min(1).max(300);
export type ResourceId = z.infer<typeof ResourceId>;

/** What a masked area holds before it is denoised. */
export const maskFillNames = ['original', 'blurred', 'noise', 'blank'] as const;

export const Mask = z.object({
  /** Grey levels: white is painted anew, black is kept. The source's size, or it is refused. */
  picture: ContentHash,
  /** Standard deviation of the blur that softens the mask's edge, pixels. */
  blurPx: z.number().min(0).max(128).default(4),
  /** `masked` paints a crop around the mask at full resolution and puts it back. */
  area: z.enum(['whole', 'masked']).default('whole'),
  /** What the crop shows around the mask, pixels. */
  paddingPx: z.number().int().min(0).max(512).default(32),
  fill: z.enum(maskFillNames).default('original'),
});
export type Mask = z.infer<typeof Mask>;

export const fitNames = ['stretch', 'crop', 'pad'] as const;

const extension = z.number().int().min(0).max(2048).default(0);

/** A picture to start from. */
export const Source = z.object({
  /** A file of `inputs.add`, or a picture of the library. */
  picture: ContentHash,
  /** Share of the steps that is denoised: 0 keeps the picture, 1 ignores it. */
  strength: fraction.default(0.75),
  /** How a picture of another shape meets the size asked for. */
  fit: z.enum(fitNames).default('crop'),
  mask: Mask.nullable().default(null),
  /** Outpainting: pixels added to each side of the source, then painted. */
  extend: z
    .object({ left: extension, top: extension, right: extension, bottom: extension })
    .nullable()
    .default(null),
});
export type Source = z.infer<typeof Source>;

export const latentUpscalerNames = ['latent-nearest', 'latent-bilinear', 'latent-bicubic'] as const;
/** Enlarges pixels without a model. */
export const pixelUpscalerNames = ['nearest', 'bicubic', 'lanczos'] as const;

/** A second, larger pass over the finished latents or pixels. */
export const HiresFix = z.object({
  scale: z.number().min(1).max(4).default(2),
  /** Steps of the second pass before `strength` shortens it; null for as many as the first has. */
  steps: z.number().int().min(1).max(500).nullable().default(null),
  strength: fraction.default(0.55),
  /** One of the names above, or the id of an upscaler model. */
  upscaler: ResourceId.default('latent-bilinear'),
});
export type HiresFix = z.infer<typeof HiresFix>;

/** Enlarges the finished picture; nothing is denoised. */
export const Upscale = z.object({
  upscaler: ResourceId.default('lanczos'),
  scale: z.number().min(1).max(8).default(2),
});
export type Upscale = z.infer<typeof Upscale>;

/** Noise between that of two seeds: spherical interpolation, 0 is the picture's own seed. */
export const Variation = z.object({
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  strength: fraction,
});
export type Variation = z.infer<typeof Variation>;

/** One after the other, each turning the noise that those before it left. */
const Variations = z.array(Variation).max(64);

/** Recipes and jobs of older versions have a single variation, or null. */
const OneVariation = Variation.nullable().transform((only) => (only ? [only] : []));

const loraWeight = z.number().min(-10).max(10);

export const LoraUse = z.object({
  id: ResourceId,
  unetWeight: loraWeight.default(1),
  textWeight: loraWeight.default(1),
});
export type LoraUse = z.infer<typeof LoraUse>;

/** How a picture is turned into what a ControlNet was trained to read. */
export const preprocessorNames = ['none', 'invert', 'canny'] as const;

export const ControlUse = z.object({
  id: ResourceId,
  picture: ContentHash,
  weight: z.number().min(0).max(4).default(1),
  /** Shares of the steps between which it has a say. */
  start: fraction.default(0),
  end: fraction.default(1),
  preprocessor: z.enum(preprocessorNames).default('none'),
});
export type ControlUse = z.infer<typeof ControlUse>;

/** Another model finishes the picture from a share of the steps on. */
export const Refiner = z.object({ modelId: ModelId, switchAt: fraction.default(0.8) });
export type Refiner = z.infer<typeof Refiner>;

/** Large pictures denoised in overlapping tiles. Pixels. */
export const TiledDiffusion = z.object({
  sidePx: z.number().int().min(128).max(2048).multipleOf(64).default(512),
  overlapPx: z.number().int().min(0).max(512).multipleOf(8).default(128),
});
export type TiledDiffusion = z.infer<typeof TiledDiffusion>;

/**
 * Factors of FreeU (arXiv:2309.11497): `b` strengthen hidden states, `s` soften skip connections, of the
 * first and the second block on the way up.
 */
export const FreeU = z.object({
  b1: z.number().min(0).max(3).default(1.3),
  b2: z.number().min(0).max(3).default(1.4),
  s1: z.number().min(0).max(3).default(0.9),
  s2: z.number().min(0).max(3).default(0.2),
});
export type FreeU = z.infer<typeof FreeU>;

/** What single methods can be told. Those that do not know a field ignore it. */
export const SamplerOptions = z.object({
  /** Share of fresh noise per step; null for the method's own. */
  eta: z.number().min(0).max(2).nullable().default(null),
  /** Stochasticity of Karras et al. 2022, algorithm 2. */
  sChurn: z.number().min(0).max(100).default(0),
  sTmin: z.number().min(0).max(1000).default(0),
  sTmax: z.number().min(0).max(1000).nullable().default(null),
  sNoise: z.number().min(0).max(2).default(1),
});
export type SamplerOptions = z.infer<typeof SamplerOptions>;

/** Go on from a step of a finished picture whose latents are still kept. */
export const Branch = z.object({
  imageId: ImageId,
  /** Steps that are taken over, from 1. */
  step: z.number().int().min(1).max(500),
});
export type Branch = z.infer<typeof Branch>;

export const emphasisNames = ['original', 'comfy', 'none'] as const;
export const noiseSourceNames = ['cpu', 'nv'] as const;

export const linearLayerNames = ['stored', 'int8'] as const;

export const ImageOptions = z.object({
  samplerOptions: SamplerOptions.default(SamplerOptions.parse({})),
  /** Which layer of the text encoder is read: 1 is the last. */
  clipSkip: z.number().int().min(1).max(12).default(1),
  /** How prompt weights act on the embeddings. */
  emphasis: z.enum(emphasisNames).default('original'),
  /** φ of Lin et al. 2023, arXiv:2305.08891, §3.4; 0 is off. */
  guidanceRescale: fraction.default(0),
  freeU: FreeU.nullable().default(null),
  /** Whose generator the noise is drawn as: torch's on the processor, or Nvidia's Philox. */
  noise: z.enum(noiseSourceNames).default('cpu'),
  variation: z.union([Variations, OneVariation]).default([]),
  source: Source.nullable().default(null),
  branch: Branch.nullable().default(null),
  /** Besides those that the prompt names in `<lora:…>`. */
  loras: z.array(LoraUse).max(32).default([]),
  controls: z.array(ControlUse).max(8).default([]),
  /** An autoencoder in place of the model's own. */
  vaeId: ResourceId.nullable().default(null),
  /** `tiny` decodes faster and less exactly, where the model has such a decoder. */
  decoder: z.enum(['full', 'tiny']).default('full'),
  /**
   * What the denoiser's linear layers compute with: as the model stores it, or on the processor with
   * whole numbers of 8 bits, which is faster and changes the picture a little.
   */
  linearLayers: z.enum(linearLayerNames).default('stored'),
  refiner: Refiner.nullable().default(null),
  hiresFix: HiresFix.nullable().default(null),
  tiledDiffusion: TiledDiffusion.nullable().default(null),
  upscale: Upscale.nullable().default(null),
});
export type ImageOptions = z.infer<typeof ImageOptions>;

/** Every option at the value that means "without". */
export const defaultImageOptions: ImageOptions = ImageOptions.parse({});
