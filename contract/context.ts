/** What a model will read, part by part, and what a change of it costs. */
import { z } from 'zod';
import { ChatMessage } from './decoding.ts';
import { ModelId } from './ids.ts';
import { ProjectId, SceneId } from './projects.ts';
import { call } from './rpc.ts';
import { runTasks } from './scenes.ts';

/** Where a part of a context comes from. */
export const contextSources = [
  'system',
  'memory',
  'character',
  'lore',
  'examples',
  'earlier',
  'text',
  'turns',
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

/**
 * `beside`: what is told besides the story may take a part of the room only. `story`: the story is longer than
 * the rest of the room.
 */
export const cutReasons = ['beside', 'story'] as const;

/** Something that was meant to be told and found no room. */
export const ContextCut = z.object({
  source: z.enum(contextSources),
  label: z.string(),
  /** 0 where it was not even read. */
  tokens: z.number().int().nonnegative(),
  reason: z.enum(cutReasons),
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
  /** Room that is kept for the answer, up to half of what the model can read. */
  maxTokens: z.number().int().min(1).max(100_000),
});
export type ContextRequest = z.infer<typeof ContextRequest>;

export const BuiltContext = z.object({
  text: z.string(),
  /** Where the model's template made the text of turns: what is to be sent in its place. */
  messages: z.array(ChatMessage).nullable(),
  parts: z.array(ContextPart),
  cut: z.array(ContextCut),
  tokens: z.number().int().nonnegative(),
  /**
   * Tokens that the model has not kept from what it read last: what the next run has to compute at least. With
   * `prefixReuse: 'exact'` it also reads again what it wrote itself, and the piece that the difference stands in.
   */
  recomputedTokens: z.number().int().nonnegative(),
  /** UTF-16 units at the beginning that it has kept. */
  keptCharacters: z.number().int().nonnegative(),
  /** Of what it read last, the tokens that are void now: what the changes since then cost. */
  voidTokens: z.number().int().nonnegative(),
  contextLength: z.number().int().positive(),
});
export type BuiltContext = z.infer<typeof BuiltContext>;

export const contextContract = {
  /** @throws `bad-request` if the passage that is to be changed leaves no room for anything else */
  'context.build': call(ContextRequest, BuiltContext),
  /** Entries of the project's lore that a text brings up, what is always told first. */
  'lore.triggered': call(
    z.object({ projectId: ProjectId, text: z.string().max(20_000_000) }),
    z.object({ ids: z.array(z.uuid()) }),
  ),
} as const;
