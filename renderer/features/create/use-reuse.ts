import type { ImageId } from '../../../contract/ids.ts';
import { StudioError } from '../../../contract/errors.ts';
import { useImageModels } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Source } from '../../../contract/image-options.ts';
import type { ReusableSettings } from '../../../contract/reuse.ts';
import { changeOptions, checkRequest, chosenModel } from './create-draft.ts';
import { reuseSettings, reuseWithoutPictures, type ReusePart } from './reuse-draft.ts';

interface Reuse {
  /** Takes a picture's recipe into Create. */
  reuse(id: ImageId, part: ReusePart): Promise<void>;
  /** Takes over what a file tells, of whichever program. */
  take(reusable: ReusableSettings, part: ReusePart): void;
  /** Draws a picture's recipe again with a new seed; the draft stays as it is. */
  vary(id: ImageId): Promise<void>;
  /** Takes a picture's recipe into Create, to go on from one of its steps. */
  branch(id: ImageId, step: number): Promise<void>;
  /** Starts the next pictures from this one. */
  startFrom(id: ImageId): Promise<void>;
}

const takenTitles: Readonly<Record<ReusePart, string>> = {
  all: 'Settings taken over',
  prompt: 'Prompt taken over',
  seed: 'Seed taken over',
};

export function useReuse(): Reuse {
  const { client, createDraft, open, reuseNotes, selection, toasts } = useWindow();
  const models = useImageModels() ?? [];

  const read = (id: ImageId) => client['images.reusable']({ id });
  const usableModel = (id: string | undefined) =>
    models.find((known) => known.id === id && known.problem === null) ??
    chosenModel(createDraft.get(), models);

  function take(reusable: ReusableSettings, part: ReusePart): void {
    const { settings, sheet, left, leftOfPrompt } = reusable;
    const before = createDraft.get();
    const taken = reuseSettings(before, settings, part, usableModel(settings.modelId), sheet);
    toasts.say(takenTitles[part], () => {
      createDraft.set(before);
      return Promise.resolve();
    });
    if (part !== 'all') {
      createDraft.set(taken);
      reuseNotes.set(part === 'prompt' ? leftOfPrompt : []);
      return;
    }
    const whole = reuseWithoutPictures(taken, before, reusable);
    createDraft.set(whole.draft);
    reuseNotes.set([...leftOfPrompt, ...left, ...whole.left]);
  }

  return {
    take,
    async reuse(id, part) {
      await toasts.watch(
        read(id).then((reusable) => {
          take(reusable, part);
          open('create');
        }),
      );
    },
    async branch(id, step) {
      await toasts.watch(
        read(id).then((reusable) => {
          take(reusable, 'all');
          createDraft.set((draft) => changeOptions(draft, { branch: { imageId: id, step } }));
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
          const model = usableModel(settings.modelId);
          const draft = {
            ...reuseSettings(createDraft.get(), settings, 'all', model, sheet),
            seed: null,
          };
          const checked = model && checkRequest(draft, model);
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
