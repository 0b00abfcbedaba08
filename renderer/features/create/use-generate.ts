import { useImageModels } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { checkRequest, chosenModel, type CreateDraft } from './create-draft.ts';

/**
 * Puts what is set on Create into the queue; the draft stays as it is.
 * @returns a function; `change` adjusts what is sent without touching the draft
 */
export function useGenerate(): (change?: Partial<CreateDraft>) => Promise<void> {
  const { client, comparison, createDraft, exploration, maskEditor, selection, toasts } =
    useWindow();
  const models = useImageModels() ?? [];
  return async (change = {}) => {
    // What was painted last belongs to what is sent.
    if (!(await toasts.watch(maskEditor.close()))) return;
    const draft = { ...createDraft.get(), ...change };
    const model = chosenModel(draft, models);
    if (!model) return;
    const checked = checkRequest(draft, model);
    if (!checked.ok) {
      document.querySelector<HTMLElement>('[aria-label="Create"] [aria-invalid="true"]')?.focus();
      return;
    }
    comparison.set(null);
    exploration.set(null);
    selection.set({ kind: 'newest' });
    await toasts.watch(client['queue.add'](checked.request));
  };
}
