/** Files that are dropped on the outline: documents become chapters of the open project, cards are asked about. */
import { StudioError } from '../../../../contract/errors.ts';
import type { Toasts } from '../../../app/toasts.ts';
import type { WritingDesk } from '../writing-desk.ts';
import { importDocuments, isDocument } from './import-documents.ts';
import { openCard } from './open-card.ts';

export async function takeFiles(
  desk: WritingDesk,
  toasts: Toasts,
  files: readonly File[],
): Promise<void> {
  const card = files.find(({ name }) => /\.(?:png|json)$/i.test(name));
  const documents = files.filter(isDocument);
  if (documents.length > 0) await importDocuments(desk, toasts, documents, 'open');
  else if (card) await openCard(desk, toasts, card);
  else {
    toasts.fail(
      new StudioError(
        'unsupported',
        'Markdown, text, HTML, Word files and character cards can be dropped here. Save the file as one of these first.',
      ),
    );
  }
}
