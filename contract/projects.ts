/** Projects of prose: their chapters and scenes, and what a model is told besides the text. */
import { z } from 'zod';
import { Timestamp } from './ids.ts';
import { call, stream } from './rpc.ts';

export const ProjectId = z.uuid();
export type ProjectId = z.infer<typeof ProjectId>;
export const SceneId = z.uuid();
export type SceneId = z.infer<typeof SceneId>;

const Title = z.string().max(500);

export const SceneInfo = z.object({
  id: SceneId,
  title: Title.default(''),
  /** For the outline; no part of the text. */
  synopsis: z.string().max(20_000).default(''),
  /** As last saved. */
  words: z.number().int().nonnegative().default(0),
});
export type SceneInfo = z.infer<typeof SceneInfo>;

export const Chapter = z.object({
  id: z.uuid(),
  title: Title.default(''),
  scenes: z.array(SceneInfo).max(10_000),
});
export type Chapter = z.infer<typeof Chapter>;

/** A fact that the model is told while the text speaks of it. */
export const LoreEntry = z.object({
  id: z.uuid(),
  title: Title,
  /** Any of these in the text brings it up. `/…/flags` is a regular expression. */
  keys: z.array(z.string().min(1).max(500)).max(200),
  /** If there are any, one of these must be there too. */
  secondaryKeys: z.array(z.string().min(1).max(500)).max(200).default([]),
  text: z.string().max(200_000),
  enabled: z.boolean().default(true),
  /** Always told. */
  constant: z.boolean().default(false),
  caseSensitive: z.boolean().default(false),
  wholeWords: z.boolean().default(true),
  /** Higher ones stay where there is not room for all. */
  priority: z.number().int().min(-1000).max(1000).default(0),
  /** Characters of text before the cursor in which keys are looked for. */
  scanCharacters: z.number().int().min(0).max(1_000_000).default(4000),
  /** Draws what the entry speaks of; for Create. */
  picturePrompt: z.string().max(20_000).default(''),
});
export type LoreEntry = z.infer<typeof LoreEntry>;

/** Told a few paragraphs before the cursor, where models heed it most. */
export const AuthorsNote = z.object({
  text: z.string().max(200_000).default(''),
  /** Paragraphs between it and the cursor. */
  depth: z.number().int().min(0).max(100).default(3),
});
export type AuthorsNote = z.infer<typeof AuthorsNote>;

export const ProjectGoals = z.object({
  /** Words in a sitting; 0 is no goal. */
  sessionWords: z.number().int().min(0).max(1_000_000).default(0),
  projectWords: z.number().int().min(0).max(10_000_000).default(0),
});

export const Project = z.object({
  version: z.literal(1),
  id: ProjectId,
  title: Title,
  author: z.string().max(500).default(''),
  /** BCP 47. */
  language: z.string().max(35).default('en'),
  createdAt: Timestamp,
  changedAt: Timestamp,
  /** Counts up with every change of this record. */
  revision: z.number().int().nonnegative(),
  /** At least one, with at least one scene in all. */
  chapters: z.array(Chapter).min(1).max(2000),
  /** Told before everything else. */
  memory: z.string().max(1_000_000).default(''),
  authorsNote: AuthorsNote.prefault({}),
  lore: z.array(LoreEntry).max(10_000).default([]),
  goals: ProjectGoals.prefault({}),
});
export type Project = z.infer<typeof Project>;

/** Fields of a record that are replaced; what is left out stays as it is, so none of them has a default. */
export const ProjectChanges = z
  .object({
    title: Title,
    author: Project.shape.author.unwrap(),
    language: Project.shape.language.unwrap(),
    chapters: Project.shape.chapters,
    memory: Project.shape.memory.unwrap(),
    authorsNote: AuthorsNote,
    lore: Project.shape.lore.unwrap(),
    goals: ProjectGoals,
  })
  .partial();

export const ProjectSummary = z.object({
  id: ProjectId,
  title: Title,
  words: z.number().int(),
  chapters: z.number().int(),
  changedAt: Timestamp,
  /** Why it cannot be opened; null if it can. */
  problem: z.string().nullable(),
});
export type ProjectSummary = z.infer<typeof ProjectSummary>;

/** A scene that was left out of its project; it keeps its history. */
export const TrashedScene = SceneInfo.extend({
  trashedAt: Timestamp,
  /** Where it stood. */
  chapterId: z.uuid(),
  index: z.number().int().nonnegative(),
});
export type TrashedScene = z.infer<typeof TrashedScene>;

/** A sitting: since the studio started, or since it was begun anew. */
export const WritingSession = z.object({
  startedAt: Timestamp,
  /** More than at its start; negative where more was cut than written. */
  words: z.number().int(),
  projectWords: z.number().int().nonnegative(),
});
export type WritingSession = z.infer<typeof WritingSession>;

export const DocumentsReport = z.object({
  projects: z.number().int(),
  scenes: z.number().int(),
  /** In words for people; empty when all can be read. */
  problems: z.array(z.string()),
});
export type DocumentsReport = z.infer<typeof DocumentsReport>;

/** A place where words were found. Offsets are UTF-16 units of a block's text. */
export const TextMatch = z.object({
  sceneId: SceneId,
  /** Position in the scene's document as ProseMirror counts. */
  from: z.number().int(),
  to: z.number().int(),
  /** The line around it, and where in it the match stands. */
  excerpt: z.string(),
  excerptFrom: z.number().int(),
  excerptTo: z.number().int(),
});
export type TextMatch = z.infer<typeof TextMatch>;

export const TextSearch = z.object({
  text: z.string().min(1).max(1000),
  caseSensitive: z.boolean().default(false),
  wholeWords: z.boolean().default(false),
  /** `text` is a regular expression. */
  regex: z.boolean().default(false),
});
export type TextSearch = z.infer<typeof TextSearch>;

export const projectsContract = {
  'projects.list': call(z.object({}), z.array(ProjectSummary)),
  /** With one chapter of one empty scene. */
  'projects.create': call(z.object({ title: Title.default('') }), Project),
  'projects.get': call(z.object({ id: ProjectId }), Project),
  /**
   * Replaces fields of the record; chapters and scenes may be added, moved, renamed. A scene that is left
   * out goes to the trash with its history, and `projects.restoreScene` brings it back.
   * Fails with `conflict` if `revision` is not the present one.
   */
  'projects.update': call(
    z.object({
      id: ProjectId,
      revision: z.number().int(),
      changes: ProjectChanges,
    }),
    Project,
  ),
  'projects.restoreScene': call(
    z.object({
      id: ProjectId,
      sceneId: SceneId,
      chapterId: z.uuid(),
      index: z.number().int().min(0),
    }),
    Project,
  ),
  /** Last trashed first. */
  'projects.trashedScenes': call(z.object({ id: ProjectId }), z.array(TrashedScene)),
  /** To the trash; `projects.restore` undoes it. */
  'projects.trash': call(z.object({ id: ProjectId }), z.object({})),
  'projects.restore': call(z.object({ id: ProjectId }), z.object({})),
  'projects.trashed': call(z.object({}), z.array(ProjectSummary)),
  /** Reads every scene, and changes none. */
  'projects.check': call(z.object({}), DocumentsReport),
  'projects.session': call(
    z.object({ id: ProjectId, restart: z.boolean().default(false) }),
    WritingSession,
  ),
  /** Every change by any window. */
  'projects.watch': stream(
    z.object({}),
    z.object({ id: ProjectId, kind: z.enum(['project', 'scene', 'trashed', 'restored']) }),
  ),
  /** `bad-request` for a pattern that is none, or that takes too long on a scene. */
  'projects.search': call(
    z.object({
      id: ProjectId,
      search: TextSearch,
      limit: z.number().int().min(1).max(5000).default(500),
    }),
    z.object({ matches: z.array(TextMatch), total: z.number().int() }),
  ),
  /**
   * In all scenes of the project; every scene gets one history node, so that one undo each takes it back.
   * With `regex`, `$1`, `$<name>` and `$&` in the replacement stand for what was found.
   */
  'projects.replace': call(
    z.object({ id: ProjectId, search: TextSearch, replacement: z.string().max(100_000) }),
    z.object({ replaced: z.number().int(), scenes: z.array(SceneId) }),
  ),
} as const;
