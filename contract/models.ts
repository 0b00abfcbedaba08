/** Installed models. */
import { z } from 'zod';
import { ModelId } from './ids.ts';
import { ImageDefaults } from './image-defaults.ts';
import { call, stream } from './rpc.ts';

export const TextDefaults = z.object({
  temperature: z.number(),
  topK: z.number().int(),
  topP: z.number(),
  minP: z.number(),
  repetitionPenalty: z.number(),
});
export type TextDefaults = z.infer<typeof TextDefaults>;

/** A named ending that is appended to a prompt. */
export const StylePreset = z.object({ name: z.string(), suffix: z.string() });
export type StylePreset = z.infer<typeof StylePreset>;

const common = {
  id: ModelId,
  name: z.string(),
  folder: z.string(),
  bundled: z.boolean(),
  licence: z.string(),
  description: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** SHA-256 over the sorted (path, size, hash) list of the model's weights; null until first computed. */
  hash: z.string().nullable(),
  /** Why it cannot be used; null when it can. */
  problem: z.string().nullable(),
  examplePrompts: z.array(z.string()),
};

export const ImageModel = z.object({
  kind: z.literal('image'),
  ...common,
  defaults: ImageDefaults,
  styles: z.array(StylePreset),
  /** Width and height must be multiples of this many pixels: what one latent covers, times what the U-Net halves. */
  spatialFactor: z.number().int(),
  /** What adapters must be made for, such as `sd1`; `other` for what has no name, null where the folder does not tell. */
  family: z.string().nullable(),
  /** Whether pictures can be decoded quickly and less exactly. */
  hasTinyDecoder: z.boolean(),
});
export type ImageModel = z.infer<typeof ImageModel>;

export const TextModel = z.object({
  kind: z.literal('text'),
  ...common,
  defaults: TextDefaults,
  contextLength: z.number().int(),
});
export type TextModel = z.infer<typeof TextModel>;

export const Model = z.discriminatedUnion('kind', [ImageModel, TextModel]);
export type Model = z.infer<typeof Model>;

export const modelsContract = {
  'models.list': call(z.object({}), z.array(Model)),
  /** Reads the model folders again. */
  'models.refresh': call(z.object({}), z.array(Model)),
  'models.watch': stream(z.object({}), z.array(Model)),
  /** Copies a folder on this machine into the library's `models/` after checking it. */
  'models.import': call(z.object({ folder: z.string().min(1) }), Model),
  /** The model card (Markdown), or null. */
  'models.card': call(z.object({ id: ModelId }), z.object({ markdown: z.string().nullable() })),
} as const;
