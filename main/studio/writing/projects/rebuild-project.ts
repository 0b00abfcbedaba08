/**
 * A record for a project of which none can be read any more: its scenes in the order and under the titles that
 * their plain files have, and those that have none behind them.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { SceneId, type SceneInfo } from '../../../../contract/projects.ts';
import { mirroredScenes } from '../mirror/mirror-manifest.ts';
import { newProject, type StoredProject } from './stored-project.ts';

export function rebuildProject(folder: string, id: string, at: number): StoredProject {
  const existing = new Set(sceneIdsIn(path.join(folder, 'scenes')));
  const byChapter = Map.groupBy(
    mirroredScenes(folder).filter(({ scene }) => existing.has(scene)),
    ({ chapter }) => chapter,
  );
  const chapters = [...byChapter].map(([chapter, scenes]) => ({
    id: randomUUID(),
    title: titleOf(chapter, 'Chapter'),
    scenes: scenes.map(({ scene, name }) => sceneInfo(scene, titleOf(name, 'Scene'))),
  }));
  const placed = new Set(chapters.flatMap(({ scenes }) => scenes.map((scene) => scene.id)));
  const rest = [...existing].filter((scene) => !placed.has(scene));
  if (placed.size === 0 && rest.length === 0) rest.push(randomUUID());
  if (rest.length > 0) {
    const scenes = rest.map((scene) => sceneInfo(scene, ''));
    chapters.push({ id: randomUUID(), title: '', scenes });
  }
  return newProject(id, path.basename(folder).slice(0, -id.length).trim(), at, chapters);
}

function sceneInfo(id: string, title: string): SceneInfo {
  return { id, title, synopsis: '', words: 0 };
}

/** Without the number; empty where there was no title. */
function titleOf(name: string, whenEmpty: string): string {
  const title = name.replace(/^\d+ /, '');
  return title === whenEmpty ? '' : title;
}

function sceneIdsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => path.basename(name, '.jsonl'))
      .filter((id) => SceneId.safeParse(id).success);
  } catch {
    return [];
  }
}
