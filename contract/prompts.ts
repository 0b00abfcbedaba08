/** Prompts and what people keep for them: wildcards, styles, presets, history. */
import { z } from 'zod';
import { Timestamp } from './ids.ts';
import { ImageOptions } from './image-options.ts';
import { ImageDefaults } from './image-defaults.ts';
import { PromptText, Seed } from './image-request.ts';
import { call } from './rpc.ts';

/** Something odd in a prompt, with its place. Offsets are UTF-16 units. */
export const PromptProblem = z.object({
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  message: z.string(),
});
export type PromptProblem = z.infer<typeof PromptProblem>;

const Name = z.string().trim().min(1).max(200);

/** A text around prompts: `{prompt}` marks the place, else it is appended. */
export const Style = z.object({
  name: Name,
  prompt: PromptText,
  negativePrompt: PromptText.default(''),
});
export type Style = z.infer<typeof Style>;

/** Settings by a name; without prompt, seed and input pictures. */
export const Preset = z.object({
  name: Name,
  settings: ImageDefaults.extend(
    ImageOptions.omit({ source: true, branch: true, controls: true, variation: true }).shape,
  ).partial(),
});
export type Preset = z.infer<typeof Preset>;

export const PromptUse = z.object({
  prompt: z.string(),
  negativePrompt: z.string(),
  usedAt: Timestamp,
});
export type PromptUse = z.infer<typeof PromptUse>;

export const promptsContract = {
  /** What one seed makes of a prompt with choices, wildcards and variables. */
  'prompts.resolve': call(
    z.object({ prompt: PromptText, seed: Seed }),
    z.object({ resolved: z.string(), problems: z.array(PromptProblem) }),
  ),
  /** Lists in the library's folder `wildcards`, with how many entries each has. */
  'prompts.wildcards': call(
    z.object({}),
    z.array(z.object({ name: z.string(), entries: z.number().int() })),
  ),
  /** Distinct prompts of the pictures in the library, newest first. */
  'prompts.history': call(
    z.object({
      text: z.string().max(1000).default(''),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    z.array(PromptUse),
  ),
  'styles.list': call(z.object({}), z.array(Style)),
  /** Adds a style or replaces the one of that name. */
  'styles.put': call(Style, z.array(Style)),
  'styles.remove': call(z.object({ name: Name }), z.array(Style)),
  'presets.list': call(z.object({}), z.array(Preset)),
  'presets.put': call(Preset, z.array(Preset)),
  'presets.remove': call(z.object({ name: Name }), z.array(Preset)),
} as const;
