/** Reads a character card and asks what of it is wanted. */
import type { Toasts } from '../../../app/toasts.ts';
import type { WritingDesk } from '../writing-desk.ts';
import { bytesOf } from './bytes-of.ts';

/** Stands in for `{{user}}` until the person says otherwise. */
export const defaultPerson = 'You';

export async function openCard(desk: WritingDesk, toasts: Toasts, file: File): Promise<void> {
  try {
    const bytes = await bytesOf(file);
    const card = await desk.client['cards.read']({ bytes, person: defaultPerson });
    desk.dialog.set({ kind: 'card', fileName: file.name, bytes, card });
  } catch (error) {
    toasts.fail(error);
  }
}
