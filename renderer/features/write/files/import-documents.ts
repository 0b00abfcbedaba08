/** Files of other programs become a project, or further chapters of the open one. */
import { formatOfEnding } from '../../../../contract/document-files.ts';
import type { Toasts } from '../../../app/toasts.ts';
import { formatCount } from '../../../ui/format.ts';
import type { WritingDesk } from '../writing-desk.ts';
import { bytesOf } from './bytes-of.ts';

export const documentEndings = '.md,.markdown,.txt,.html,.htm,.docx';

/** A card is dropped where documents are dropped too. */
export const isDocument = ({ name }: Pick<File, 'name'>): boolean => {
  const format = formatOfEnding[name.split('.').at(-1)?.toLowerCase() ?? ''];
  return format !== undefined && format !== 'epub' && format !== 'pdf';
};

/**
 * Shows the first of what was added.
 * @param into 'new' makes one project of each file; 'open' appends chapters to the open project
 */
export async function importDocuments(
  desk: WritingDesk,
  toasts: Toasts,
  files: readonly File[],
  into: 'new' | 'open',
): Promise<void> {
  for (const file of files) {
    const before = desk.projects.project.get();
    try {
      const bytes = await bytesOf(file);
      const target = into === 'open' && before ? before.id : null;
      const project = await desk.client['documents.import']({
        fileName: file.name,
        bytes,
        into: target,
      });
      const added =
        target === null ? project.chapters : project.chapters.slice(before?.chapters.length ?? 0);
      await desk.projects.refresh();
      if (target === null) await desk.openProject(project.id);
      else await desk.projects.open(project.id);
      const [first] = added.flatMap(({ scenes }) => scenes);
      if (first) await desk.openScene(first.id);
      toasts.say(
        `“${file.name}” was read: ${formatCount(added.length, 'chapter', 'chapters')}.`,
        target === null
          ? () => desk.trashProject(project.id)
          : async () => {
              const gone = new Set(added.map(({ id }) => id));
              await desk.projects.edit((now) => ({
                chapters: now.chapters.filter(({ id }) => !gone.has(id)),
              }));
              const scene = desk.projects.project
                .get()
                ?.chapters.flatMap(({ scenes }) => scenes)[0];
              if (scene) await desk.openScene(scene.id);
            },
      );
    } catch (error) {
      toasts.fail(error);
    }
  }
}
