/** Chapters and scenes of a project, and those in its trash: what a change makes of them. Pure. */
import { StudioError } from '../../../../contract/errors.ts';
import type { Chapter, Project, SceneInfo } from '../../../../contract/projects.ts';
import type { StoredProject } from './stored-project.ts';

/** @returns the same project where that is known already */
export function withWords(project: StoredProject, sceneId: string, words: number): StoredProject {
  const isNews = scenesOf(project).some((scene) => scene.id === sceneId && scene.words !== words);
  if (!isNews) return project;
  const chapters = project.chapters.map((chapter) => ({
    ...chapter,
    scenes: chapter.scenes.map((scene) => (scene.id === sceneId ? { ...scene, words } : scene)),
  }));
  return { ...project, chapters };
}

/** A scene of the trash in a chapter. @throws {StudioError} `not-found` */
export function withRestored(
  { chapters, trashedScenes }: StoredProject,
  sceneId: string,
  chapterId: string,
  index: number,
): Pick<StoredProject, 'chapters' | 'trashedScenes'> {
  const found = trashedScenes.find((scene) => scene.id === sceneId);
  if (!found) throw new StudioError('not-found', 'That scene is not in the trash.', { sceneId });
  if (!chapters.some((chapter) => chapter.id === chapterId))
    throw new StudioError('not-found', 'There is no such chapter.', { chapterId });
  const { trashedAt: _at, chapterId: _chapter, index: _index, ...scene } = found;
  return {
    chapters: chapters.map((chapter) =>
      chapter.id === chapterId
        ? { ...chapter, scenes: chapter.scenes.toSpliced(index, 0, scene) }
        : chapter,
    ),
    trashedScenes: trashedScenes.filter((scene) => scene.id !== sceneId),
  };
}

/** Scenes that are left out go to the trash; those that come back leave it. @throws {StudioError} `bad-request` */
export function arrange(
  project: StoredProject,
  chapters: readonly Chapter[],
  trashedAt: number,
): Pick<StoredProject, 'chapters' | 'trashedScenes'> {
  const words = new Map(
    [...project.trashedScenes, ...scenesOf(project)].map((scene) => [scene.id, scene.words]),
  );
  const kept = new Set<string>();
  for (const { id } of scenesOf({ chapters })) {
    if (kept.has(id))
      throw new StudioError('bad-request', 'A scene can stand in one place only.', { sceneId: id });
    kept.add(id);
  }
  if (kept.size === 0) throw new StudioError('bad-request', 'A project needs at least one scene.');
  const leftOut = project.chapters.flatMap((chapter) =>
    chapter.scenes.flatMap((scene, index) =>
      kept.has(scene.id) ? [] : [{ ...scene, trashedAt, chapterId: chapter.id, index }],
    ),
  );
  return {
    // Counts are the studio's: a window may have seen older ones.
    chapters: chapters.map((chapter) => ({
      ...chapter,
      scenes: chapter.scenes.map((scene) => ({ ...scene, words: words.get(scene.id) ?? 0 })),
    })),
    trashedScenes: [...project.trashedScenes.filter(({ id }) => !kept.has(id)), ...leftOut],
  };
}

export function scenesOf({ chapters }: { readonly chapters: readonly Chapter[] }): SceneInfo[] {
  return chapters.flatMap(({ scenes }) => scenes);
}

export function wordsOf(project: Pick<Project, 'chapters'>): number {
  return scenesOf(project).reduce((sum, { words }) => sum + words, 0);
}

export function publicOf(stored: StoredProject): Project {
  const { trashedScenes: _trashed, ...project } = stored;
  return project;
}
