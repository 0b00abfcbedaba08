/**
 * The writing's main-thread face ⇄ its thread.
 *
 * Texts and histories pass as they are: the window's end parsed them or will, and they are large.
 */
import { z } from 'zod';
import type { PackedDocument } from '../../../contract/document-text.ts';
import { ChatId } from '../../../contract/chats.ts';
import { ProjectId, SceneId, projectsContract } from '../../../contract/projects.ts';
import { call, stream } from '../../../contract/rpc.ts';
import {
  scenesContract,
  type DiffEntry,
  type HistoryNode,
  type OpenScene,
  type Run,
  type RunToken,
  type SceneChange,
} from '../../../contract/scenes.ts';
import { chatsThreadContract } from './chats/chats-thread-contract.ts';

const Place = z.object({ projectId: ProjectId, sceneId: SceneId });

export const WritingEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('revision'), ...Place.shape, revision: z.number() }),
  z.object({
    kind: z.literal('project'),
    id: ProjectId,
    change: z.enum(['project', 'scene', 'trashed', 'restored']),
  }),
  z.object({
    kind: z.literal('chat'),
    id: ChatId,
    revision: z.number(),
    change: z.enum(['chat', 'trashed', 'restored']),
  }),
  z.object({
    kind: z.literal('log'),
    level: z.enum(['info', 'warning', 'error']),
    text: z.string(),
  }),
]);
export type WritingEvent = z.infer<typeof WritingEvent>;

const { 'projects.watch': _watch, ...projectCalls } = projectsContract;

export const writingThreadContract = {
  ...projectCalls,
  ...chatsThreadContract,
  /** Before anything else, once, after `events`. */
  open: call(z.object({ folder: z.string() }), z.object({})),
  events: stream(z.object({}), WritingEvent),
  'scenes.open': call(Place.extend({ recovers: z.boolean() }), z.custom<OpenScene>()),
  'scenes.append': call(
    Place.extend({
      revision: z.number(),
      changes: z.custom<SceneChange[] | Uint8Array>(),
      words: z.number(),
    }),
    z.object({ revision: z.number() }),
  ),
  'scenes.nodes': call(scenesContract['scenes.nodes'].input, z.custom<HistoryNode[]>()),
  'scenes.at': call(scenesContract['scenes.at'].input, z.custom<PackedDocument>()),
  'scenes.diff': call(scenesContract['scenes.diff'].input, z.custom<DiffEntry[]>()),
  'scenes.tokens': call(scenesContract['scenes.tokens'].input, z.custom<RunToken[]>()),
  /** A scene's text without its form, an empty line between blocks. */
  sceneText: call(Place, z.object({ text: z.string() })),
  beginRun: call(
    Place.extend({ revision: z.number(), position: z.number(), run: z.custom<Run>() }),
    z.object({}),
  ),
  addToken: call(
    Place.extend({ run: z.string(), alternative: z.number(), token: z.custom<RunToken>() }),
    z.object({}),
  ),
  addRunFacts: call(
    Place.extend({
      run: z.string(),
      facts: z.custom<{ modelHash?: string; provider?: Run['provider'] }>(),
    }),
    z.object({}),
  ),
  endRun: call(Place.extend({ run: z.string() }), z.object({})),
  /** Makes a project of the plain desk's page, if that was not done. */
  takeOverPage: call(z.object({ draft: z.string() }), z.object({ taken: z.boolean() })),
  close: call(z.object({}), z.object({})),
} as const;
