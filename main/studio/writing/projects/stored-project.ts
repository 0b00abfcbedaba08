/** A project's record as it stands on disk. */
import { z } from 'zod';
import { Project, TrashedScene, type Chapter } from '../../../../contract/projects.ts';

export const StoredProject = Project.extend({ trashedScenes: z.array(TrashedScene).default([]) });
export type StoredProject = z.infer<typeof StoredProject>;

export function newProject(
  id: string,
  title: string,
  at: number,
  chapters: Chapter[],
): StoredProject {
  return {
    version: 1,
    id,
    title,
    author: '',
    language: 'en',
    createdAt: at,
    changedAt: at,
    revision: 0,
    chapters,
    memory: '',
    authorsNote: { text: '', depth: 3 },
    lore: [],
    goals: { sessionWords: 0, projectWords: 0 },
    trashedScenes: [],
  };
}
