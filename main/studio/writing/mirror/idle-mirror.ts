/** Remembers which scenes changed since they were mirrored, and mirrors a project once it was left alone. */
import type { Project } from '../../../../contract/projects.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { DocumentNode } from '../document-schema.ts';
import { updateMirror } from './text-mirror.ts';

export interface IdleMirror {
  /** @param sceneId null where only the project's record changed */
  note(projectId: string, sceneId: string | null): void;
  /** Mirrors projects that were left alone for a while, or all. */
  update(isAll: boolean): void;
}

export interface IdleMirrorOptions {
  readonly projectOf: (id: string) => { readonly project: Project; readonly folder: string };
  readonly documentOf: (projectId: string, sceneId: string) => DocumentNode;
  readonly now: () => number;
  readonly log: (level: 'warning', text: string) => void;
}

/** Long enough that a whole scene is not written anew after every sentence. */
const idleAfterMs = 15_000;

export function createIdleMirror({
  projectOf,
  documentOf,
  now,
  log,
}: IdleMirrorOptions): IdleMirror {
  const waiting = new Map<string, { readonly scenes: Set<string>; changedAt: number }>();

  return {
    note(projectId, sceneId) {
      const entry = waiting.get(projectId) ?? { scenes: new Set<string>(), changedAt: 0 };
      entry.changedAt = now();
      if (sceneId !== null) entry.scenes.add(sceneId);
      waiting.set(projectId, entry);
    },
    update(isAll) {
      for (const [projectId, { scenes, changedAt }] of waiting) {
        if (!isAll && now() - changedAt < idleAfterMs) continue;
        waiting.delete(projectId);
        try {
          updateMirror({
            ...projectOf(projectId),
            changed: scenes,
            documentOf: (sceneId) => documentOf(projectId, sceneId),
          });
        } catch (error) {
          log(
            'warning',
            `The plain text files of a project could not be written: ${StudioError.from(error).message} Its scenes are safe.`,
          );
        }
      }
    },
  };
}
