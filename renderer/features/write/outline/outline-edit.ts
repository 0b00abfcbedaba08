/** Changes of a project's outline. Pure: each returns new chapters. */
import type { Chapter, SceneInfo } from '../../../../contract/projects.ts';

type Chapters = readonly Chapter[];

export interface SceneAt {
  readonly chapter: number;
  readonly index: number;
  readonly scene: SceneInfo;
}

export function findScene(chapters: Chapters, id: string): SceneAt | null {
  for (const [chapter, { scenes }] of chapters.entries()) {
    const index = scenes.findIndex((scene) => scene.id === id);
    const scene = scenes[index];
    if (scene) return { chapter, index, scene };
  }
  return null;
}

export const allScenes = (chapters: Chapters): SceneInfo[] =>
  chapters.flatMap(({ scenes }) => scenes);

export function renameScene(chapters: Chapters, id: string, title: string): Chapter[] {
  return chapters.map((chapter) => ({
    ...chapter,
    scenes: chapter.scenes.map((scene) => (scene.id === id ? { ...scene, title } : scene)),
  }));
}

export function renameChapter(chapters: Chapters, id: string, title: string): Chapter[] {
  return chapters.map((chapter) => (chapter.id === id ? { ...chapter, title } : chapter));
}

/** @param after the scene it follows; null puts it at the end of the last chapter */
export function addScene(chapters: Chapters, scene: SceneInfo, after: string | null): Chapter[] {
  const at = after === null ? null : findScene(chapters, after);
  const chapter = at?.chapter ?? chapters.length - 1;
  return insertScene(chapters, scene, chapter, at ? at.index + 1 : Infinity);
}

export function insertScene(
  chapters: Chapters,
  scene: SceneInfo,
  chapter: number,
  index: number,
): Chapter[] {
  return chapters.map((each, place) =>
    place === chapter ? { ...each, scenes: each.scenes.toSpliced(index, 0, scene) } : each,
  );
}

export function removeScene(chapters: Chapters, id: string): Chapter[] {
  return chapters.map((chapter) => ({
    ...chapter,
    scenes: chapter.scenes.filter((scene) => scene.id !== id),
  }));
}

/** @param before the scene that it is put before; null puts it at the end of the chapter */
export function moveScene(
  chapters: Chapters,
  id: string,
  chapterId: string,
  before: string | null,
): Chapter[] {
  const from = findScene(chapters, id);
  if (!from || before === id) return [...chapters];
  const without = removeScene(chapters, id);
  const chapter = without.findIndex((each) => each.id === chapterId);
  const scenes = without[chapter]?.scenes ?? [];
  const index = before === null ? scenes.length : scenes.findIndex((scene) => scene.id === before);
  return insertScene(without, from.scene, chapter, index < 0 ? scenes.length : index);
}

/** One place up or down, over the border of a chapter too. */
export function shiftScene(chapters: Chapters, id: string, step: -1 | 1): Chapter[] {
  const from = findScene(chapters, id);
  if (!from) return [...chapters];
  const { scenes } = chapters[from.chapter] ?? { scenes: [] };
  const without = removeScene(chapters, id);
  const index = from.index + step;
  if (index >= 0 && index < scenes.length)
    return insertScene(without, from.scene, from.chapter, index);
  const next = chapters[from.chapter + step];
  if (!next) return [...chapters];
  return insertScene(without, from.scene, from.chapter + step, step > 0 ? 0 : next.scenes.length);
}

export function moveChapter(chapters: Chapters, id: string, to: number): Chapter[] {
  const chapter = chapters.find((each) => each.id === id);
  if (!chapter) return [...chapters];
  return chapters.filter((each) => each.id !== id).toSpliced(Math.max(0, to), 0, chapter);
}
