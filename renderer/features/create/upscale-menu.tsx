/** Enlarges a finished picture by a chosen method, without drawing anything anew. */
import { Scaling } from 'lucide-react';
import { useCallback, useState } from 'react';
import { pixelUpscalerNames, Upscale } from '../../../contract/image-options.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { StudioError } from '../../../contract/errors.ts';
import { useImageModels, useResourcesOf } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Popover } from '../../ui/popover.tsx';
import styles from './adapter-panels.module.css';
import stageStyles from './stage-view.module.css';
import { chosenModel } from './create-draft.ts';
import { AdapterDrop } from '../adapters/adapter-drop.tsx';
import { upscalerChoices } from './resource-choices.ts';
import { upscaleRequest } from './upscale-request.ts';

export function UpscaleMenu({ image }: { readonly image: ImageDetail }) {
  const { client, createDraft, selection, toasts } = useWindow();
  const models = useImageModels() ?? [];
  const upscalers = useResourcesOf('upscaler');
  const [isOpen, setIsOpen] = useState(false);
  const [upscale, setUpscale] = useState<Upscale>(Upscale.parse({}));
  const close = useCallback(() => setIsOpen(false), []);
  const size = `${Math.round(image.width * upscale.scale)} × ${Math.round(image.height * upscale.scale)}`;

  async function add(): Promise<void> {
    const settings = image.recipe?.settings ?? null;
    const model =
      models.find(({ id, problem }) => id === settings?.modelId && problem === null) ??
      chosenModel(createDraft.get(), models);
    if (!model)
      throw new StudioError(
        'model-missing',
        'No image model is installed. Open Models to add one.',
      );
    const { hash } = await client['inputs.fromImage']({ id: image.id });
    await client['queue.add'](upscaleRequest(settings, model, hash, upscale));
    selection.set({ kind: 'newest' });
  }

  return (
    <Popover
      open={isOpen}
      onClose={close}
      label="Upscale"
      align="start"
      side="above"
      button={
        <Button
          variant="quiet"
          icon={Scaling}
          aria-expanded={isOpen}
          tip="Makes this picture larger without drawing it anew"
          onClick={() => setIsOpen(!isOpen)}
        >
          <span className={stageStyles.word}>Upscale</span>
        </Button>
      }
    >
      <form
        className={styles.menu}
        onSubmit={(event) => {
          event.preventDefault();
          close();
          void toasts.watch(add());
        }}
      >
        <Select
          label="By"
          tip="How new pixels are found: a model invents fine detail, Lanczos is the sharpest without one."
          value={upscale.upscaler}
          options={upscalerChoices(pixelUpscalerNames, upscalers, upscale.upscaler)}
          onChange={(upscaler) => setUpscale({ ...upscale, upscaler })}
        />
        <NumberField
          label="Times"
          tip="How many times larger the picture becomes, along each side."
          unit="×"
          value={upscale.scale}
          min={1}
          max={8}
          step={0.5}
          slider
          defaultValue={2}
          onChange={(scale) => setUpscale({ ...upscale, scale })}
        />
        <AdapterDrop
          kind="upscaler"
          file={{ accept: '.onnx', label: 'Upscaler file', button: 'Import an upscaler' }}
          folder={null}
          onImported={({ id: upscaler }) => setUpscale({ ...upscale, upscaler })}
        />
        <Button
          type="submit"
          variant="primary"
          disabled={!Upscale.safeParse(upscale).success}
          tip="Adds the larger picture to the queue"
        >
          Make {size}
        </Button>
      </form>
    </Popover>
  );
}
