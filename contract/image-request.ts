/** What a picture is asked for with: shared by the window, the CLI, the queue, the engine and the recipe. */
import { z } from 'zod';
import { Grid } from './grid.ts';
import { ModelId } from './ids.ts';
import { ImageOptions } from './image-options.ts';

/** Canonical scheduler names, the most used first; `scheduler-names.ts` has those of other programs. */
export const schedulerNames = [
  'dpmpp-2m',
  'dpmpp-2m-sde',
  'dpmpp-3m-sde',
  'dpmpp-sde',
  'unipc',
  'deis',
  'euler',
  'euler-ancestral',
  'heun',
  'dpm2',
  'dpm2-ancestral',
  'lms',
  'ddim',
  'ddpm',
  'pndm',
  'lcm',
  'tcd',
  'flow-euler',
  'flow-heun',
] as const;
export const SchedulerName = z.enum(schedulerNames);
export type SchedulerName = z.infer<typeof SchedulerName>;

/** How noise levels are spaced; `normal` is as the model was trained. */
export const sigmaScheduleNames = [
  'normal',
  'karras',
  'exponential',
  'beta',
  'sgm-uniform',
  'ays',
] as const;
export const SigmaSchedule = z.enum(sigmaScheduleNames);
export type SigmaSchedule = z.infer<typeof SigmaSchedule>;

export const imageLimits = {
  promptCharacters: 100_000,
  minSide: 64,
  maxSide: 4096,
  maxSteps: 500,
  maxCount: 1000,
  maxGuidance: 50,
} as const;

const side = z
  .number()
  .int()
  .min(imageLimits.minSide, `A side must be at least ${imageLimits.minSide} pixels.`)
  .max(imageLimits.maxSide, `A side can be at most ${imageLimits.maxSide} pixels.`)
  .refine((pixels) => pixels % 8 === 0, 'A side must be a multiple of 8 pixels.');

/** Text that a person typed: any characters but NUL, which no file format of ours can hold. */
export const PromptText = z
  .string()
  .max(
    imageLimits.promptCharacters,
    `A prompt can be at most ${imageLimits.promptCharacters} characters long.`,
  )
  .transform((text) => text.replaceAll('\0', ''));

/** Seeds up to 2^53 − 1; the generator uses the low 32 bits, as torch's CPU generator does. */
export const Seed = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Settings that fully determine one picture, given model files and provider. */
export const ImageSettings = z.object({
  modelId: ModelId,
  prompt: PromptText,
  negativePrompt: PromptText.default(''),
  width: side,
  height: side,
  steps: z
    .number()
    .int()
    .min(1, 'At least 1 step is needed.')
    .max(imageLimits.maxSteps, `At most ${imageLimits.maxSteps} steps are possible.`),
  /** Classifier-free guidance scale; 1 switches guidance off. */
  guidanceScale: z.number().min(1).max(imageLimits.maxGuidance),
  scheduler: SchedulerName,
  sigmaSchedule: SigmaSchedule,
  seed: Seed,
  ...ImageOptions.shape,
});
export type ImageSettings = z.infer<typeof ImageSettings>;

/**
 * A request to make `count` pictures; picture i uses `seed + i`, or with a variation its seed + i.
 * Without a seed one is drawn. A grid makes as many pictures as it has cells, and `count` says so
 * once it is queued.
 */
export const ImageRequest = ImageSettings.omit({ seed: true }).extend({
  seed: Seed.nullable().default(null),
  count: z.number().int().min(1).max(imageLimits.maxCount).default(1),
  grid: Grid.nullable().default(null),
});
export type ImageRequest = z.infer<typeof ImageRequest>;
