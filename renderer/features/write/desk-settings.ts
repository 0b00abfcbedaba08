/** How the desk is set up; kept over restarts. */
import { z } from 'zod';
import { ProjectId, SceneId } from '../../../contract/projects.ts';

export const DeskSettings = z.object({
  projectId: ProjectId.nullable(),
  /** The scene that was open last, per project. */
  scenes: z.record(z.string(), SceneId),
  modelId: z.string().nullable(),
  /** What differs from the model's defaults, per model. */
  changes: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** Name of the preset that the changes came from; null where they were changed since. */
  preset: z.string().nullable(),
  maxTokens: z.number(),
  alternatives: z.number().int().min(2).max(6),
  seed: z.number().nullable(),
  typeface: z.enum(['serif', 'sans']),
  /** Shows where text came from in colour. */
  showsOrigin: z.boolean(),
  showsSurprisal: z.boolean(),
  outlineOpen: z.boolean(),
  inspectorOpen: z.boolean(),
  outlineWidth: z.number(),
  /** The line of the caret stays in the middle. */
  typewriter: z.boolean(),
  focus: z.enum(['off', 'paragraph', 'sentence']),
  /** A suggestion comes after this pause, seconds; 0 never. */
  ghostPauseSeconds: z.number(),
  /** What may come next stands open in the panel at the right. */
  showsNextToken: z.boolean().default(false),
});
export type DeskSettings = z.infer<typeof DeskSettings>;

export const initialDeskSettings: DeskSettings = {
  projectId: null,
  scenes: {},
  modelId: null,
  changes: {},
  preset: null,
  maxTokens: 120,
  alternatives: 3,
  seed: null,
  typeface: 'serif',
  showsOrigin: true,
  showsSurprisal: false,
  outlineOpen: true,
  inspectorOpen: true,
  outlineWidth: 232,
  typewriter: false,
  focus: 'off',
  ghostPauseSeconds: 0,
  showsNextToken: false,
};
