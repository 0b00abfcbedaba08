import type { ImageId } from '../../../contract/ids.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { StudioError } from '../../../contract/errors.ts';
import { useImageModels } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Source } from '../../../contract/image-options.ts';
import {
  changeOptions,
  checkRequest,
  chosenModel,
  reuseSettings,
  type ReusePart,
} from './create-draft.ts';

interface Reuse {
  /** Takes a picture's recipe into Create. */
  reuse(id: ImageId, part: ReusePart): Promise<void>;
  /** Draws a picture's recipe again with a new seed; the draft stays as it is. */
  vary(id: ImageId): Promise<void>;
  /** Takes a picture's recipe into Create, to go on from one of its steps. */
  branch(id: ImageId, step: number): Promise<void>;
  /** Starts the next pictures from this one. */
  startFrom(id: ImageId): Promise<void>;
}

export function useReuse(): Reuse {
  const { client, createDraft, open, queries, selection, toasts } = useWindow();
  const models = useImageModels() ?? [];

  async function read(id: ImageId): Promise<NonNullable<ImageDetail['recipe']>> {
    const detail = await queries.fetchQuery({
      queryKey: ['images', 'detail', id],
      queryFn: () => client['images.get']({ id }),
    });
    if (detail.recipe) return detail.recipe;
    throw new StudioError(
      'not-found',
      'This picture carries no recipe, so there is nothing to take over from it.',
    );
  }

  return {
    async reuse(id, part) {
      await toasts.watch(
        read(id).then(({ settings, modelName, sheet }) => {
          const model =
            models.find((known) => known.id === settings.modelId && known.problem === null) ?? null;
          createDraft.set((draft) => reuseSettings(draft, settings, part, model, sheet));
          open('create');
          if (part === 'all' && !model) {
            toasts.say(
              `“${modelName}” is not installed. The prompt and seed were taken over; the other settings are yours.`,
            );
          }
        }),
      );
    },
    async branch(id, step) {
      await toasts.watch(
        read(id).then(({ settings }) => {
          const model =
            models.find((known) => known.id === settings.modelId && known.problem === null) ?? null;
          createDraft.set((draft) =>
            changeOptions(reuseSettings(draft, settings, 'all', model), {
              branch: { imageId: id, step },
            }),
          );
          document.getElementById('prompt')?.focus();
        }),
      );
    },
    async startFrom(id) {
      await toasts.watch(
        client['inputs.fromImage']({ id }).then(({ hash }) => {
          createDraft.set((draft) => {
            const source = { ...draft.options.source, picture: hash, mask: null, extend: null };
            return changeOptions(draft, { source: Source.parse(source) });
          });
          toasts.say('The next pictures start from this one');
        }),
      );
    },
    async vary(id) {
      await toasts.watch(
        read(id).then(async ({ settings, sheet }) => {
          const model =
            models.find((known) => known.id === settings.modelId && known.problem === null) ?? null;
          const draft = {
            ...reuseSettings(createDraft.get(), settings, 'all', model, sheet),
            seed: null,
          };
          const usable = model ?? chosenModel(draft, models);
          const checked = usable && checkRequest(draft, usable);
          if (!checked?.ok)
            throw new StudioError(
              'bad-request',
              'This recipe cannot be drawn with the models installed.',
            );
          selection.set({ kind: 'newest' });
          await client['queue.add'](checked.request);
        }),
      );
    },
  };
}
