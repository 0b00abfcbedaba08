/** What one can do with chapters and scenes; all of it can be undone. */
import type { Chapter, Project, SceneInfo } from '../../../../contract/projects.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import type { Toasts } from '../../../app/toasts.ts';
import type { WritingDesk } from '../writing-desk.ts';
import { addScene, allScenes, findScene, removeScene } from './outline-edit.ts';

export interface OutlinePorts {
  readonly desk: Pick<WritingDesk, 'projects' | 'openScene'>;
  readonly toasts: Toasts;
  readonly client: Pick<StudioClient, 'projects.restoreScene'>;
  readonly project: Project;
  readonly openSceneId: string | null;
  /** Told which scene stands in the place of one that went to the trash. */
  readonly onNext: (sceneId: string) => void;
}

export function outlineActions({
  desk,
  toasts,
  client,
  project,
  openSceneId,
  onNext,
}: OutlinePorts) {
  const { chapters } = project;
  const edit = (change: (chapters: readonly Chapter[]) => readonly Chapter[]) =>
    desk.projects.edit((now) => ({ chapters: [...change(now.chapters)] }));

  const newScene = async (after: string | null) => {
    const scene = { id: crypto.randomUUID(), title: '', synopsis: '', words: 0 };
    if (!(await edit((now) => addScene(now, scene, after)))) return;
    await desk.openScene(scene.id);
  };
  const newChapter = async () => {
    const scene = { id: crypto.randomUUID(), title: '', synopsis: '', words: 0 };
    const chapter = { id: crypto.randomUUID(), title: '', scenes: [scene] };
    if (await edit((now) => [...now, chapter])) await desk.openScene(scene.id);
  };

  const trashScene = async (id: string) => {
    const at = findScene(chapters, id);
    const all = allScenes(chapters);
    if (!at || all.length < 2) {
      toasts.say('A project keeps at least one scene.');
      return;
    }
    const chapterId = chapters[at.chapter]?.id ?? '';
    const next = all[all.findIndex((scene) => scene.id === id) + 1] ?? all.at(-2);
    if (openSceneId === id && next) await desk.openScene(next.id);
    if (!(await edit((now) => removeScene(now, id)))) return;
    toasts.say(`“${sceneTitle(at.scene, at.index + 1)}” is in the trash.`, async () => {
      await client['projects.restoreScene']({
        id: project.id,
        sceneId: id,
        chapterId,
        index: at.index,
      });
      await desk.projects.open(project.id);
      await desk.openScene(id);
    });
    if (next) onNext(next.id);
  };
  const trashChapter = async (id: string) => {
    const index = chapters.findIndex((chapter) => chapter.id === id);
    const chapter = chapters[index];
    const others = allScenes(chapters.filter((each) => each.id !== id));
    if (!chapter || others.length === 0) {
      toasts.say('A project keeps at least one chapter with a scene.');
      return;
    }
    const [next] = others;
    if (chapter.scenes.some((scene) => scene.id === openSceneId) && next)
      await desk.openScene(next.id);
    if (!(await edit((now) => now.filter((each) => each.id !== id)))) return;
    toasts.say(`“${chapterTitle(chapter, index + 1)}” is in the trash.`, async () => {
      await edit((now) => now.toSpliced(index, 0, { ...chapter, scenes: [] }));
      for (const [place, scene] of chapter.scenes.entries()) {
        await client['projects.restoreScene']({
          id: project.id,
          sceneId: scene.id,
          chapterId: id,
          index: place,
        });
      }
      await desk.projects.open(project.id);
    });
  };

  return { edit, newScene, newChapter, trashScene, trashChapter };
}

export const sceneTitle = ({ title }: SceneInfo, number: number): string =>
  title === '' ? `Scene ${number}` : title;
export const chapterTitle = ({ title }: Chapter, number: number): string =>
  title === '' ? `Chapter ${number}` : title;
