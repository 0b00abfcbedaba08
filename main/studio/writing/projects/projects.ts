/**
 * The projects of a library, each a folder of `documents/`, or of `documents/trash/`.
 *
 * Promises: every change of a record is on disk before it is told; a scene that is left out of its project stays
 * with its files and can be put back; a scene whose files are there and that no record knows is put into a
 * chapter of its own. Blocking, for the writing thread.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import {
  SceneId,
  type Chapter,
  type Project,
  type ProjectSummary,
  type SceneInfo,
  type TrashedScene,
  type WritingSession,
} from '../../../../contract/projects.ts';
import { syncFolderSync } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';
import { arrange, publicOf, scenesOf, withRestored, withWords, wordsOf } from './arrangement.ts';
import { isUnfinished, projectFolderName, projectIdOf, unfinishedName } from './folder-name.ts';
import { readProjectFile, writeProjectFile } from './project-file.ts';
import { newProject, type StoredProject } from './stored-project.ts';

export type ProjectChanges = Partial<
  Pick<
    Project,
    'title' | 'author' | 'language' | 'chapters' | 'memory' | 'authorsNote' | 'lore' | 'goals'
  >
>;

export interface NewProject {
  readonly id: string;
  readonly title: string;
  readonly scene: SceneInfo;
  /** Fills the folder before anybody can see it. */
  readonly prepare: (scenesFolder: string) => void;
}

export interface Projects {
  /** Last changed first. */
  list(): ProjectSummary[];
  trashed(): ProjectSummary[];
  has(id: string): boolean;
  create(project: NewProject): Project;
  /** @throws {StudioError} `not-found`, `library-newer`, `bad-request` */
  get(id: string): Project;
  /** @throws {StudioError} as `get`; `conflict`, `disk-full`, `library-read-only` */
  update(id: string, revision: number, changes: ProjectChanges): Project;
  trashedScenes(id: string): TrashedScene[];
  restoreScene(id: string, sceneId: string, chapterId: string, index: number): Project;
  /** No file in it may be open. */
  trash(id: string): void;
  restore(id: string): void;
  session(id: string, restart: boolean): WritingSession;
  /** @throws {StudioError} as `get`, also where the scene is in no chapter and not in the trash */
  scenesFolder(id: string, sceneId: string): string;
  folder(id: string): string;
  /** Notes how many words a scene has after a change; on disk with the next change, or with `save`. */
  noteWords(id: string, sceneId: string, words: number): void;
  /** As `noteWords` for a scene that has them already: a count may be older than its scene after a crash. */
  correctWords(id: string, sceneId: string, words: number): void;
  /** Of projects that were left alone for a while, or of all. */
  save(isAll: boolean): void;
}

export interface ProjectsOptions {
  /** `documents/` of the library. */
  readonly folder: string;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

interface Entry {
  folder: string;
  isTrashed: boolean;
  readonly loaded: Loaded | StudioError;
}

interface Loaded {
  project: StoredProject;
  text: string;
  /** When words were noted that are not in the file; null if there are none. */
  notedAt: number | null;
  session: { startedAt: number; words: number };
}

/** Word counts go to disk once nobody writes for so long. */
const idleAfterMs = 5000;

/** @throws {StudioError} `library-read-only`, `disk-full` */
export function openProjects({ folder, now, log }: ProjectsOptions): Projects {
  const trashFolder = path.join(folder, 'trash');
  const entries = new Map<string, Entry>();
  try {
    mkdirSync(trashFolder, { recursive: true });
    for (const [parent, isTrashed] of [
      [folder, false],
      [trashFolder, true],
    ] as const) {
      for (const name of readdirSync(parent)) {
        if (isUnfinished(name)) rmSync(path.join(parent, name), { recursive: true, force: true });
        const id = projectIdOf(name);
        if (id === null) continue;
        entries.set(id, { folder: path.join(parent, name), isTrashed, loaded: load(parent, name) });
      }
    }
    for (const [id, entry] of entries) renameByTitle(id, entry);
  } catch (error) {
    throw storageError(error, folder);
  }

  function load(parent: string, name: string): Loaded | StudioError {
    const own = path.join(parent, name);
    try {
      const { project, text, damaged } = readProjectFile(own, projectIdOf(name) ?? '', now);
      if (damaged !== null) {
        log('warning', `${damaged} See the folder "${name}".`);
      }
      const loaded = {
        project,
        text,
        notedAt: null,
        session: { startedAt: now(), words: wordsOf(project) },
      };
      adoptLostScenes(own, loaded);
      return loaded;
    } catch (error) {
      const known = StudioError.from(error);
      log('error', known.message);
      return known;
    }
  }

  function adoptLostScenes(own: string, loaded: Loaded): void {
    const known = new Set([
      ...scenesOf(loaded.project).map(({ id }) => id),
      ...loaded.project.trashedScenes.map(({ id }) => id),
    ]);
    const lost = filesIn(path.join(own, 'scenes'))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => path.basename(name, '.jsonl'))
      .filter((id) => SceneId.safeParse(id).success && !known.has(id));
    if (lost.length === 0) return;
    const chapter: Chapter = {
      id: randomUUID(),
      title: 'Found scenes',
      scenes: lost.map((id) => ({ id, title: '', synopsis: '', words: 0 })),
    };
    put(own, loaded, { chapters: [...loaded.project.chapters, chapter] });
    log(
      'warning',
      `The project "${loaded.project.title}" holds ${lost.length === 1 ? 'a scene' : `${lost.length} scenes`} that its record does not know; see its last chapter.`,
    );
  }

  /** A folder keeps the name it was made with until the next start, since its files may be open. */
  function renameByTitle(id: string, entry: Entry): void {
    if (entry.loaded instanceof StudioError) return;
    const target = path.join(
      path.dirname(entry.folder),
      projectFolderName(entry.loaded.project.title, id),
    );
    if (target === entry.folder) return;
    try {
      renameSync(entry.folder, target);
      entry.folder = target;
    } catch (error) {
      log('warning', `"${entry.folder}" could not be renamed: ${StudioError.from(error).message}`);
    }
  }

  function put(own: string, loaded: Loaded, changes: Partial<StoredProject>): Project {
    const project: StoredProject = {
      ...loaded.project,
      ...changes,
      revision: loaded.project.revision + 1,
      changedAt: now(),
    };
    loaded.text = writeProjectFile(own, project, loaded.text);
    loaded.project = project;
    loaded.notedAt = null;
    return publicOf(project);
  }

  function entryOf(id: string, isTrashed = false): Entry {
    const entry = entries.get(id);
    if (entry?.isTrashed === isTrashed) return entry;
    throw new StudioError(
      'not-found',
      entry?.isTrashed === true
        ? 'That project is in the trash. Put it back first.'
        : 'There is no such project. It may have been moved outside Atelier.',
      { id },
    );
  }

  function loadedOf(id: string): Loaded {
    const { loaded } = entryOf(id);
    if (loaded instanceof StudioError) throw loaded;
    return loaded;
  }

  function summaryOf(id: string, { folder: own, loaded }: Entry): ProjectSummary {
    if (loaded instanceof StudioError) {
      const title = path.basename(own).slice(0, -id.length).trim();
      return { id, title, words: 0, chapters: 0, changedAt: 0, problem: loaded.message };
    }
    const { title, chapters, changedAt } = loaded.project;
    return {
      id,
      title,
      words: wordsOf(loaded.project),
      chapters: chapters.length,
      changedAt,
      problem: null,
    };
  }

  function summaries(isTrashed: boolean): ProjectSummary[] {
    return [...entries]
      .filter(([, entry]) => entry.isTrashed === isTrashed)
      .map(([id, entry]) => summaryOf(id, entry))
      .sort((a, b) => b.changedAt - a.changedAt);
  }

  function moveTo(id: string, entry: Entry, parent: string): void {
    const target = path.join(parent, path.basename(entry.folder));
    try {
      renameSync(entry.folder, target);
      syncFolderSync(path.dirname(entry.folder));
      syncFolderSync(parent);
    } catch (error) {
      throw storageError(error, entry.folder);
    }
    entry.folder = target;
    entry.isTrashed = parent === trashFolder;
  }

  return {
    list: () => summaries(false),
    trashed: () => summaries(true),
    has: (id) => entries.has(id),
    create({ id, title, scene, prepare }) {
      const at = now();
      const project = newProject(id, title, at, [{ id: randomUUID(), title: '', scenes: [scene] }]);
      const own = path.join(folder, projectFolderName(title, id));
      const unfinished = path.join(folder, unfinishedName(id));
      let text: string;
      try {
        rmSync(unfinished, { recursive: true, force: true });
        mkdirSync(path.join(unfinished, 'scenes'), { recursive: true });
        prepare(path.join(unfinished, 'scenes'));
        text = writeProjectFile(unfinished, project, null);
        renameSync(unfinished, own);
        syncFolderSync(folder);
      } catch (error) {
        rmSync(unfinished, { recursive: true, force: true });
        throw storageError(error, folder);
      }
      entries.set(id, {
        folder: own,
        isTrashed: false,
        loaded: { project, text, notedAt: null, session: { startedAt: at, words: 0 } },
      });
      return publicOf(project);
    },
    get: (id) => publicOf(loadedOf(id).project),
    update(id, revision, changes) {
      const loaded = loadedOf(id);
      const { project } = loaded;
      if (revision !== project.revision) {
        throw new StudioError(
          'conflict',
          'The project was changed elsewhere meanwhile. Look at it anew and try again.',
          { revision: project.revision },
        );
      }
      const arranged = changes.chapters ? arrange(project, changes.chapters, now()) : {};
      return put(entryOf(id).folder, loaded, { ...changes, ...arranged });
    },
    trashedScenes: (id) =>
      loadedOf(id).project.trashedScenes.toSorted((a, b) => b.trashedAt - a.trashedAt),
    restoreScene(id, sceneId, chapterId, index) {
      const loaded = loadedOf(id);
      return put(
        entryOf(id).folder,
        loaded,
        withRestored(loaded.project, sceneId, chapterId, index),
      );
    },
    trash: (id) => moveTo(id, entryOf(id), trashFolder),
    restore: (id) => moveTo(id, entryOf(id, true), folder),
    session(id, restart) {
      const loaded = loadedOf(id);
      const projectWords = wordsOf(loaded.project);
      if (restart) loaded.session = { startedAt: now(), words: projectWords };
      const { startedAt, words } = loaded.session;
      return { startedAt, words: projectWords - words, projectWords };
    },
    scenesFolder(id, sceneId) {
      const { project } = loadedOf(id);
      const isKnown = [...scenesOf(project), ...project.trashedScenes].some(
        (scene) => scene.id === sceneId,
      );
      if (!isKnown)
        throw new StudioError('not-found', 'There is no such scene in the project.', { sceneId });
      return path.join(entryOf(id).folder, 'scenes');
    },
    folder: (id) => entryOf(id).folder,
    noteWords(id, sceneId, words) {
      const loaded = loadedOf(id);
      loaded.project = { ...withWords(loaded.project, sceneId, words), changedAt: now() };
      loaded.notedAt = now();
    },
    correctWords(id, sceneId, words) {
      const loaded = loadedOf(id);
      const before = loaded.project;
      loaded.project = withWords(before, sceneId, words);
      if (loaded.project === before) return;
      loaded.session.words += wordsOf(loaded.project) - wordsOf(before);
      loaded.notedAt = now();
    },
    save(isAll) {
      for (const { folder: own, loaded } of entries.values()) {
        if (loaded instanceof StudioError || loaded.notedAt === null) continue;
        if (!isAll && now() - loaded.notedAt < idleAfterMs) continue;
        loaded.text = writeProjectFile(own, loaded.project, loaded.text);
        loaded.notedAt = null;
      }
    },
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw storageError(error, folder);
  }
}
