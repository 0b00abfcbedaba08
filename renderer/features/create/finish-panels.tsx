/** What happens to a picture after its first pass: folded away until wanted. */
import {
  HiresFix,
  latentUpscalerNames,
  pixelUpscalerNames,
  Refiner,
  Upscale,
  type ImageOptions,
} from '../../../contract/image-options.ts';
import { imageLimits } from '../../../contract/image-request.ts';
import type { ImageModel } from '../../../contract/models.ts';
import { useResourcesOf } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Select, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Section } from '../../ui/section.tsx';
import { changeOptions, effectiveSettings } from './create-draft.ts';
import styles from './create-screen.module.css';
import { AdapterDrop } from '../adapters/adapter-drop.tsx';
import { upscalerChoices } from './resource-choices.ts';

interface FinishPanelsProps {
  readonly model: ImageModel;
  readonly models: readonly ImageModel[];
}

export function FinishPanels({ model, models }: FinishPanelsProps) {
  const { createDraft } = useWindow();
  const draft = useStore(createDraft);
  const { options } = draft;
  const { steps } = effectiveSettings(draft, model);
  const set = (change: Partial<ImageOptions>) =>
    createDraft.set((current) => changeOptions(current, change));
  const upscalers = useResourcesOf('upscaler');
  const { hiresFix, upscale } = options;

  return (
    <>
      <Section
        title="Second pass"
        summary={hiresFix ? `${hiresFix.scale}× · ${hiresFix.strength}` : null}
      >
        <Switch
          label="Draw larger in a second pass"
          tip="The finished picture is enlarged and refined once more: larger, without losing the composition."
          checked={hiresFix !== null}
          onChange={(on) => set({ hiresFix: on ? HiresFix.parse({}) : null })}
        />
        {hiresFix && (
          <>
            <NumberField
              label="Scale"
              tip="How many times larger the picture becomes, along each side."
              unit="×"
              value={hiresFix.scale}
              min={1}
              max={4}
              step={0.25}
              slider
              defaultValue={2}
              onChange={(scale) => set({ hiresFix: { ...hiresFix, scale } })}
            />
            <NumberField
              label="Second strength"
              tip="How much the second pass may change: low stays true and soft, high invents detail."
              value={hiresFix.strength}
              min={0}
              max={1}
              step={0.05}
              slider
              defaultValue={0.55}
              onChange={(strength) => set({ hiresFix: { ...hiresFix, strength } })}
            />
            <NumberField
              label="Second steps"
              tip="How many steps the second pass would have at full strength; as many as the first has unless set."
              value={hiresFix.steps ?? steps}
              min={1}
              max={imageLimits.maxSteps}
              step={1}
              defaultValue={steps}
              onChange={(count) =>
                set({ hiresFix: { ...hiresFix, steps: count === steps ? null : count } })
              }
            />
            <Select
              label="Enlarge by"
              tip="Latents are enlarged before they become pixels, which is quick and needs more strength."
              value={hiresFix.upscaler}
              options={upscalerChoices(
                [...latentUpscalerNames, ...pixelUpscalerNames],
                upscalers,
                hiresFix.upscaler,
              )}
              onChange={(upscaler) => set({ hiresFix: { ...hiresFix, upscaler } })}
            />
            <AdapterDrop
              kind="upscaler"
              file={{ accept: '.onnx', label: 'Upscaler file', button: 'Import an upscaler' }}
              folder={null}
              onImported={({ id: upscaler }) => set({ hiresFix: { ...hiresFix, upscaler } })}
            />
          </>
        )}
      </Section>
      <Section title="Enlarge" summary={upscale ? `${upscale.scale}×` : null}>
        <Switch
          label="Enlarge the finished picture"
          tip="Makes the picture larger at the end, without drawing anything anew."
          checked={upscale !== null}
          onChange={(on) => set({ upscale: on ? Upscale.parse({}) : null })}
        />
        {upscale && (
          <>
            <NumberField
              label="Enlargement"
              tip="How many times larger the picture becomes, along each side."
              unit="×"
              value={upscale.scale}
              min={1}
              max={8}
              step={0.5}
              slider
              defaultValue={2}
              onChange={(scale) => set({ upscale: { ...upscale, scale } })}
            />
            <Select
              label="By"
              tip="How new pixels are found between the old ones: Lanczos is the sharpest."
              value={upscale.upscaler}
              options={upscalerChoices(pixelUpscalerNames, upscalers, upscale.upscaler)}
              onChange={(upscaler) => set({ upscale: { ...upscale, upscaler } })}
            />
            <AdapterDrop
              kind="upscaler"
              file={{ accept: '.onnx', label: 'Upscaler file', button: 'Import an upscaler' }}
              folder={null}
              onImported={({ id: upscaler }) => set({ upscale: { ...upscale, upscaler } })}
            />
          </>
        )}
      </Section>
      <RefinerSection model={model} models={models} />
    </>
  );
}

function RefinerSection({ model, models }: FinishPanelsProps) {
  const { createDraft } = useWindow();
  const { refiner } = useStore(createDraft).options;
  const set = (next: Refiner | null) =>
    createDraft.set((current) => changeOptions(current, { refiner: next }));
  const others = models.filter(
    ({ id, problem }) => (id !== model.id && problem === null) || id === refiner?.modelId,
  );
  const [first] = others;
  const named = models.find(({ id }) => id === refiner?.modelId);
  const choices = others.map(({ id, name }) => ({ value: id, label: name }));
  if (refiner && !named)
    choices.push({ value: refiner.modelId, label: `${refiner.modelId} (not installed)` });
  return (
    <Section
      title="Refiner"
      summary={
        refiner
          ? `${named?.name ?? refiner.modelId} · ${Math.round(refiner.switchAt * 100)} %`
          : null
      }
    >
      {first || refiner ? (
        <Switch
          label="Finish with another model"
          tip="A second model of the same family takes over for the last steps, such as one that is good at detail."
          checked={refiner !== null}
          onChange={(on) => set(on && first ? Refiner.parse({ modelId: first.id }) : null)}
        />
      ) : (
        <p className={styles.hint}>
          Another model can finish a picture. Add a second one of this family in Models.
        </p>
      )}
      {refiner && (
        <>
          <Select
            bare
            label="Refining model"
            tip="The model that draws the last steps."
            value={refiner.modelId}
            options={choices}
            onChange={(modelId) => set({ ...refiner, modelId })}
          />
          <NumberField
            label="Takes over at"
            tip="After which share of the steps the other model goes on: later changes less."
            unit="%"
            value={Math.round(refiner.switchAt * 100)}
            min={0}
            max={100}
            step={5}
            slider
            defaultValue={80}
            onChange={(percent) => set({ ...refiner, switchAt: percent / 100 })}
          />
        </>
      )}
    </Section>
  );
}
