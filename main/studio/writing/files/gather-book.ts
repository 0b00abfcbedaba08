/** A project's chapters as a book. */
import type { DocumentExport } from '../../../../contract/document-files.ts';
import type { PackedDocument } from '../../../../contract/document-text.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Project } from '../../../../contract/projects.ts';
import type { OpenScene, Run } from '../../../../contract/scenes.ts';
import type { StoredBook } from './document-thread-contract.ts';

/**
 * @param chosen ids of chapters, null for all
 * @throws {StudioError} `not-found` for a chapter that is not the project's
 */
export async function gatherBook(
  project: Project,
  chosen: DocumentExport['chapters'],
  openScene: (sceneId: string) => Promise<Pick<OpenScene, 'doc' | 'runs'>>,
  signal: AbortSignal,
): Promise<StoredBook> {
  const wanted = chosen === null ? null : new Set(chosen);
  const chapters: StoredBook['chapters'] = [];
  const runs = new Map<string, Run>();
  for (const chapter of project.chapters) {
    if (wanted && !wanted.delete(chapter.id)) continue;
    const scenes: PackedDocument[] = [];
    for (const { id } of chapter.scenes) {
      signal.throwIfAborted();
      const scene = await openScene(id);
      scenes.push(scene.doc);
      for (const run of scene.runs) runs.set(run.id, run);
    }
    chapters.push({ title: chapter.title, scenes });
  }
  if (wanted && wanted.size > 0) {
    throw new StudioError('not-found', 'A chapter to export is not in the project any more.', {
      chapters: [...wanted],
    });
  }
  return {
    id: project.id,
    title: project.title || 'Untitled',
    author: project.author,
    language: project.language,
    changedAt: project.changedAt,
    chapters,
    runs: [...runs.values()],
  };
}
