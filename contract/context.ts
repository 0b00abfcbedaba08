/** What a model will read, part by part, and what a change of it costs. */
import { z } from 'zod';
import { ModelId } from './ids.ts';
import { ProjectId, SceneId } from './projects.ts';
import { call } from './rpc.ts';
import { runTasks } from './scenes.ts';

/** Where a part of a context comes from. */
export const contextSources = [
  'system',
  'memory',
  'lore',
  'earlier',
  'text',
  'note',
  'after',
  'instruction',
] as const;

export const ContextPart = z.object({
  source: z.enum(contextSources),
  /** For people: an entry's title, a scene's. */
  label: z.string(),
  /** UTF-16 units of the whole. */
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  tokens: z.number().int().nonnegative(),
});
export type ContextPart = z.infer<typeof ContextPart>;

/** Something that was meant to be told and found no room. */
export const ContextCut = z.object({
  source: z.enum(contextSources),
  label: z.string(),
  tokens: z.number().int().nonnegative(),
});
export type ContextCut = z.infer<typeof ContextCut>;

export const ContextRequest = z.object({
  projectId: ProjectId,
  sceneId: SceneId,
  modelId: ModelId,
  task: z.enum(runTasks),
  instruction: z.string().max(100_000).default(''),
  /** Of the scene: what stands before the place, what is selected, what stands behind. */
  before: z.string().max(20_000_000),
  selection: z.string().max(1_000_000).default(''),
  after: z.string().max(20_000_000).default(''),
  /** Room that is kept for the answer. */
  maxTokens: z.number().int().min(1).max(100_000),
});
export type ContextRequest = z.infer<typeof ContextRequest>;

export const BuiltContext = z.object({
  text: z.string(),
  parts: z.array(ContextPart),
  cut: z.array(ContextCut),
  tokens: z.number().int().nonnegative(),
  /** Tokens that the model has not kept from what it read last: what the next run has to compute. */
  recomputedTokens: z.number().int().nonnegative(),
  contextLength: z.number().int().positive(),
});
export type BuiltContext = z.infer<typeof BuiltContext>;

export const contextContract = {
  'context.build': call(ContextRequest, BuiltContext),
} as const;
