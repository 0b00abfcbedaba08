/**
 * The text of a scene and everything that ever happened to it.
 *
 * History is a tree: a node is a change to its parent's text, and the text stands at one node, the head.
 * Undo moves the head to the parent, redo to a child; nothing is ever removed. A node with a label is
 * a snapshot.
 */
import { z } from 'zod';
import { DocumentJson, StepJson } from './document-text.ts';
import { ContentHash, ModelId, Timestamp } from './ids.ts';
import { Seed } from './image-request.ts';
import { ProjectId, SceneId } from './projects.ts';
import { call, stream } from './rpc.ts';
import { ProviderName } from './system.ts';
import { SamplingSettings, TokenAlternative } from './write.ts';

/** Counts up from 0, the empty scene, in the order in which nodes were made. */
export const NodeId = z.number().int().nonnegative();
export type NodeId = z.infer<typeof NodeId>;

/** What a model was asked to do. */
export const runTasks = [
  'continue',
  'fill',
  'rewrite',
  'expand',
  'shorten',
  'tone',
  'custom',
  'chat',
] as const;

export const RunId = z.uuid();
export type RunId = z.infer<typeof RunId>;

/** One generation: what its text is owed to. */
export const Run = z.object({
  id: RunId,
  at: Timestamp,
  task: z.enum(runTasks),
  /** What the person asked for in words; empty for a continuation. */
  instruction: z.string().default(''),
  modelId: ModelId,
  modelName: z.string(),
  modelHash: z.string(),
  provider: ProviderName.nullable().default(null),
  /** Name of the preset that `sampling` came from; null if it was changed. */
  preset: z.string().nullable().default(null),
  sampling: SamplingSettings,
  seed: Seed,
  /** SHA-256 of what the model read, UTF-8. */
  contextHash: ContentHash.nullable().default(null),
});
export type Run = z.infer<typeof Run>;

/** A token of a run, as it was drawn. */
export const RunToken = z.object({
  index: z.number().int().nonnegative(),
  tokenId: z.number().int(),
  text: z.string(),
  /** Under the model, before any sampler. */
  probability: z.number(),
  alternatives: z.array(TokenAlternative).default([]),
});
export type RunToken = z.infer<typeof RunToken>;

export const changeKinds = [
  'typing',
  'generation',
  'choice',
  'format',
  'paste',
  'replace',
  'import',
  'recovery',
] as const;

const Selection = z.object({ anchor: z.number().int(), head: z.number().int() });

/** What a map of the history needs. */
export const NodeInfo = z.object({
  id: NodeId,
  /** Null for the root alone. */
  parent: NodeId.nullable(),
  at: Timestamp,
  kind: z.enum(changeKinds),
  /** For people; a snapshot's name. */
  label: z.string().max(500).nullable().default(null),
  run: RunId.nullable().default(null),
  /** First words that it put in or took out. */
  summary: z.string().max(200).default(''),
});
export type NodeInfo = z.infer<typeof NodeInfo>;

export const HistoryNode = NodeInfo.extend({
  /** From the parent's text to this one's, in order. */
  steps: z.array(StepJson),
  /** From this text to the parent's, in order. */
  inverse: z.array(StepJson),
  /** Where the caret belongs afterwards. */
  selection: Selection.nullable().default(null),
});
export type HistoryNode = z.infer<typeof HistoryNode>;

export const SceneChange = z.discriminatedUnion('kind', [
  /** A new node below the head, which moves to it. */
  z.object({ kind: z.literal('node'), node: HistoryNode }),
  /** The head goes on, as typing does; its `inverse` is what goes before the inverse known so far. */
  z.object({
    kind: z.literal('extend'),
    id: NodeId,
    at: Timestamp,
    steps: z.array(StepJson),
    inverse: z.array(StepJson),
    selection: Selection.nullable().default(null),
    summary: z.string().max(200).default(''),
  }),
  z.object({ kind: z.literal('move'), to: NodeId }),
  z.object({ kind: z.literal('label'), id: NodeId, label: z.string().max(500).nullable() }),
  /** Tokens of a run that are part of the text now, so that they need not be recovered. */
  z.object({ kind: z.literal('settled'), run: RunId, tokens: z.number().int().nonnegative() }),
]);
export type SceneChange = z.infer<typeof SceneChange>;

export const OpenScene = z.object({
  projectId: ProjectId,
  sceneId: SceneId,
  /** Counts up with every append. */
  revision: z.number().int().nonnegative(),
  head: NodeId,
  doc: DocumentJson,
  nodes: z.array(NodeInfo),
  runs: z.array(Run),
  /** Tokens that had been shown and were not yet part of the text when the studio ended; they are now. */
  recoveredTokens: z.number().int().nonnegative(),
});
export type OpenScene = z.infer<typeof OpenScene>;

const Place = z.object({ projectId: ProjectId, sceneId: SceneId });

export const scenesContract = {
  /** @throws `not-found`; `library-newer` for a scene of a newer version; what is damaged is told, and kept */
  'scenes.open': call(Place, OpenScene),
  /**
   * Durable once it answers. All or nothing; `conflict` if `revision` is not the present one (another
   * window was faster): open the scene anew.
   */
  'scenes.append': call(
    Place.extend({
      revision: z.number().int().nonnegative(),
      changes: z.array(SceneChange).min(1).max(10_000),
      words: z.number().int().nonnegative(),
    }),
    z.object({ revision: z.number().int() }),
  ),
  /** Nodes with their steps, to walk the tree. */
  'scenes.nodes': call(Place.extend({ ids: z.array(NodeId).max(10_000) }), z.array(HistoryNode)),
  /** The text at any node, for previews and differences. */
  'scenes.at': call(Place.extend({ node: NodeId }), DocumentJson),
  /** What was drawn, for the probability lens. */
  'scenes.tokens': call(Place.extend({ run: RunId }), z.array(RunToken)),
  /** Revisions made by others: this window opens the scene anew when it sees one it did not make. */
  'scenes.watch': stream(Place, z.object({ revision: z.number().int() })),
} as const;
