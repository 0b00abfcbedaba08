/** `atelier.json`, with which a model says what its layout cannot. Every field may be missing or odd: then it is derived. */
import { z } from 'zod';
import { ModelId } from '../../../contract/ids.ts';
import { SchedulerName, SigmaSchedule, imageLimits } from '../../../contract/image-request.ts';
import { StylePreset, TextDefaults } from '../../../contract/models.ts';

const side = z.number().int().min(imageLimits.minSide).max(imageLimits.maxSide);

function optional<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

const decoration = {
  id: optional(ModelId),
  name: optional(z.string().min(1).max(200)),
  description: optional(z.string()),
  licence: optional(z.string().min(1)),
  examplePrompts: optional(z.array(z.string())),
};

export const ImageManifest = z.object({
  ...decoration,
  /** Pixels: one number for a square, or width and height. */
  defaultSize: optional(
    z.union([side.transform((both) => [both, both] as const), z.tuple([side, side]).readonly()]),
  ),
  defaultSteps: optional(z.number().int().min(1).max(imageLimits.maxSteps)),
  defaultGuidance: optional(z.number().min(1).max(imageLimits.maxGuidance)),
  defaultScheduler: optional(SchedulerName),
  defaultSigmaSchedule: optional(SigmaSchedule),
  /** Width and height must be multiples of this many pixels. */
  sizeMultiple: optional(z.number().int().min(1).max(512)),
  styles: optional(z.array(StylePreset)),
});
export type ImageManifest = z.infer<typeof ImageManifest>;

export const TextManifest = z.object({
  ...decoration,
  contextLength: optional(z.number().int().min(1)),
  defaultSampling: optional(TextDefaults.partial()),
});
export type TextManifest = z.infer<typeof TextManifest>;
