/**
 * The text of a scene and everything that ever happened to it.
 *
 * History is a tree: a node is a change to its parent's text, and the text stands at one node, the head.
 * Undo moves the head to the parent, redo to a child; nothing is ever removed. A node with a label is
 * a snapshot.
 */
import { z } from 'zod';
import { PackedDocument, StepJson } from './document-text.ts';
import { ContentHash, ModelId, Timestamp } from './ids.ts';
import { Seed } from './image-request.ts';
import { ProjectId, SceneId } from './projects.ts';
import { call, stream } from './rpc.ts';
import { ProviderName } from './system.ts';
import { SamplingSettings, TokenAlternative, WriteEvent, WriteRequest } from './write.ts';

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

export const mostAlternatives = 16;

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
  /** Empty until it is known. */
  modelHash: z.string(),
  provider: ProviderName.nullable().default(null),
  /** Name of the preset that `sampling` came from; null if it was changed. */
  preset: z.string().nullable().default(null),
  sampling: SamplingSettings,
  seed: Seed,
  /** SHA-256 of what the model read, UTF-8. */
  contextHash: ContentHash.nullable().default(null),
  /** How many texts were asked for; alternative i was drawn with `seed` + i. */
  alternatives: z.number().int().min(1).max(mostAlternatives).default(1),
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

/** A node above one that went on: what it did stands `by` positions further on, or is told anew. */
export const WovenNode = z.union([
  z.object({
    id: NodeId,
    by: z.number().int().nonnegative(),
    selection: Selection.nullable().default(null),
  }),
  HistoryNode.pick({ id: true, steps: true, inverse: true, selection: true }),
]);
export type WovenNode = z.infer<typeof WovenNode>;

export const SceneChange = z.discriminatedUnion('kind', [
  /** A new node below the head, which moves to it. */
  z.object({ kind: z.literal('node'), node: HistoryNode }),
  /**
   * The head goes on, as typing does; its `inverse` is what goes before the inverse known so far. Not for the
   * root, a snapshot, or a node that others follow: those get a new node.
   */
  z.object({
    kind: z.literal('extend'),
    id: NodeId,
    at: Timestamp,
    steps: z.array(StepJson),
    inverse: z.array(StepJson),
    selection: Selection.nullable().default(null),
    summary: z.string().max(200).default(''),
  }),
  /**
   * A run goes on in its own node below what was done to the text meanwhile, so that each is undone on its own.
   * The text stays at the head, as `shown` changes it. Not where anything from that node on is a snapshot.
   */
  z.object({
    kind: z.literal('weave'),
    /** The run's node: the head, or one above which it stands. */
    id: NodeId,
    at: Timestamp,
    /** From the node's text so far to its text now, and back; the inverse goes before the one known so far. */
    steps: z.array(StepJson),
    inverse: z.array(StepJson),
    selection: Selection.nullable().default(null),
    summary: z.string().max(200).default(''),
    /** What becomes of the head's text. */
    shown: z.array(StepJson),
    /** Nodes that descend from it and are not what they were, in the order of their numbers. */
    above: z.array(WovenNode),
  }),
  z.object({ kind: z.literal('move'), to: NodeId }),
  z.object({ kind: z.literal('label'), id: NodeId, label: z.string().max(500).nullable() }),
  /**
   * The first tokens of a run that are part of the text now, so that they need not be recovered. `final` says
   * that none of the others will be: the person stopped before they were shown, turned them down, or chose
   * another alternative.
   */
  z.object({
    kind: z.literal('settled'),
    run: RunId,
    tokens: z.number().int().nonnegative(),
    final: z.boolean().default(false),
  }),
  /** Text of a run was brought here from elsewhere: what is known of it. */
  z.object({ kind: z.literal('run'), run: Run }),
]);
export type SceneChange = z.infer<typeof SceneChange>;
export const SceneChanges = z.array(SceneChange).min(1).max(10_000);

/** Alternatives of a run of which none was chosen or turned down; their tokens are kept. */
export const UndecidedRun = z.object({
  run: RunId,
  /** Where in the head's text it would write. */
  position: z.number().int().nonnegative(),
  /** Tokens of each alternative that was begun. */
  tokens: z.array(z.number().int().nonnegative()),
});
export type UndecidedRun = z.infer<typeof UndecidedRun>;

export const OpenScene = z.object({
  projectId: ProjectId,
  sceneId: SceneId,
  /** Counts up with every append. */
  revision: z.number().int().nonnegative(),
  head: NodeId,
  doc: PackedDocument,
  nodes: z.array(NodeInfo),
  runs: z.array(Run),
  /** Tokens that had been shown and were not yet part of the text when the studio ended; they are now. */
  recoveredTokens: z.number().int().nonnegative(),
  undecided: z.array(UndecidedRun),
  /** Where lines of the journal were put that could not be read as written; null if all could. */
  damagedFile: z.string().nullable().default(null),
});
export type OpenScene = z.infer<typeof OpenScene>;

export const GenerateRequest = z.object({
  /** The scene's, as `position` counts in that text: append what was typed before. */
  revision: z.number().int().nonnegative(),
  /** Where in the head's text the run writes, as ProseMirror counts. */
  position: z.number().int().nonnegative(),
  task: z.enum(runTasks),
  instruction: z.string().max(100_000).default(''),
  preset: z.string().max(500).nullable().default(null),
  request: WriteRequest,
  /** Alternative i uses the seed + i. */
  alternatives: z.number().int().min(1).max(mostAlternatives).default(1),
});
export type GenerateRequest = z.infer<typeof GenerateRequest>;

export const RunEvent = z.discriminatedUnion('kind', [
  /** First: it is in the journal. */
  z.object({ kind: z.literal('run'), run: Run }),
  /** What the engine says; a token is in the journal by then, numbered from 0 within its alternative. */
  z.object({
    kind: z.literal('write'),
    alternative: z.number().int().nonnegative(),
    event: WriteEvent,
  }),
]);
export type RunEvent = z.infer<typeof RunEvent>;

/** Words that two texts have in common, or that only one has. */
export const WordRun = z.object({ kind: z.enum(['kept', 'added', 'removed']), text: z.string() });
export type WordRun = z.infer<typeof WordRun>;

export const DiffEntry = z.discriminatedUnion('kind', [
  /** Blocks that both texts have, one after another. */
  z.object({ kind: z.literal('same'), blocks: z.number().int().positive() }),
  z.object({
    kind: z.literal('block'),
    /** A block's type, such as `paragraph`. */
    type: z.string(),
    /** Where it begins in the later text, or where it would. */
    position: z.number().int().nonnegative(),
    runs: z.array(WordRun),
  }),
]);
export type DiffEntry = z.infer<typeof DiffEntry>;

const Place = z.object({ projectId: ProjectId, sceneId: SceneId });

export const scenesContract = {
  /**
   * Puts tokens into the text that were told and never settled, unless their run still writes or somebody
   * watches the scene: whoever does may be about to put them in. Close what is not wanted with `settled` and
   * `final` before the scene is left.
   * @throws `not-found`; `library-newer` for a scene of a newer version; what is damaged is told, and kept
   */
  'scenes.open': call(Place, OpenScene),
  /**
   * Durable once it answers. All or nothing; `conflict` if `revision` is not the present one (another
   * window was faster): open the scene anew. `bad-request` for steps that do not fit the text, that break
   * the schema, or whose inverse does not lead back; `too-large` beyond 16 Mi characters of JSON.
   */
  'scenes.append': call(
    Place.extend({
      revision: z.number().int().nonnegative(),
      /** Long ones packed. */
      changes: z.union([z.instanceof(Uint8Array), SceneChanges]),
      words: z.number().int().nonnegative(),
    }),
    z.object({ revision: z.number().int() }),
  ),
  /** Nodes with their steps, to walk the tree. */
  'scenes.nodes': call(Place.extend({ ids: z.array(NodeId).max(10_000) }), z.array(HistoryNode)),
  /** The text at any node, for previews and differences. */
  'scenes.at': call(Place.extend({ node: NodeId }), PackedDocument),
  /** From one node's text to another's, block by block; what did not change is counted, not told. */
  'scenes.diff': call(Place.extend({ from: NodeId, to: NodeId }), z.array(DiffEntry)),
  /**
   * A run at a place of the text. Every token is in the journal before it is told; those that were told and
   * that no `settled` covers are put into the text when the scene is opened anew.
   * @throws `conflict` as `scenes.append`; what the engine throws
   */
  'scenes.generate': stream(Place.extend(GenerateRequest.shape), RunEvent),
  /** What was drawn, for the probability lens. */
  'scenes.tokens': call(
    Place.extend({ run: RunId, alternative: z.number().int().nonnegative().default(0) }),
    z.array(RunToken),
  ),
  /** Revisions made by others: this window opens the scene anew when it sees one it did not make. */
  'scenes.watch': stream(Place, z.object({ revision: z.number().int() })),
} as const;
