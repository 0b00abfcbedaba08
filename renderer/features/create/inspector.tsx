import { Dice5, Lock, LockOpen } from 'lucide-react';
import { imageLimits, schedulerNames } from '../../../contract/image-request.ts';
import { scheduleTitle, schedulesOf, schedulerTitle } from '../../../contract/scheduler-names.ts';
import type { ImageDefaults } from '../../../contract/image-defaults.ts';
import type { ImageModel } from '../../../contract/models.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/field.tsx';
import fieldStyles from '../../ui/field.module.css';
import { NumberField } from '../../ui/number-field.tsx';
import { parseNumber } from '../../ui/number-scrub.ts';
import { aspectPresets, sizeForRatio } from './aspect-presets.ts';
import {
  changeOptions,
  changeSettings,
  drawSeed,
  effectiveSettings,
  type CreateDraft,
  type DraftField,
} from './create-draft.ts';
import styles from './create-screen.module.css';
import { ControlPanel } from './control-panel.tsx';
import { FineSettings } from './fine-settings.tsx';
import { FinishPanels } from './finish-panels.tsx';
import { LoraPanel } from './lora-panel.tsx';
import { GridPanel } from './grid-panel.tsx';
import { ReuseNotes } from './reuse-notes.tsx';
import { SamplerOptionFields } from './sampler-options.tsx';
import { SourcePanel } from './source-panel.tsx';

interface InspectorProps {
  readonly model: ImageModel;
  readonly models: readonly ImageModel[];
  readonly errors: Partial<Record<DraftField, string>>;
}

export function Inspector({ model, models, errors }: InspectorProps) {
  const { createDraft } = useWindow();
  const draft = useStore(createDraft);
  const settings = effectiveSettings(draft, model);
  const { defaults } = model;
  const set = (change: Partial<CreateDraft>) =>
    createDraft.set((current) => ({ ...current, ...change }));
  const change = (values: Partial<ImageDefaults>) =>
    createDraft.set((current) => changeSettings(current, model, values));

  return (
    <>
      <ReuseNotes />
      <div className={styles.group}>
        <h2>Model</h2>
        <Select
          bare
          label="Model"
          tip="Decides what can be drawn and in which manner."
          value={model.id}
          options={models.map(({ id, name, problem }) => ({
            value: id,
            label: name,
            disabled: problem !== null,
          }))}
          onChange={(modelId) => set({ modelId, style: null })}
        />
      </div>
      <div className={styles.group}>
        <h2>Size</h2>
        <Aspects model={model} width={settings.width} height={settings.height} onChange={change} />
        <div className={styles.sides}>
          <NumberField
            label="Width"
            tip={`How wide the picture is; this model draws best near ${defaults.width} pixels.`}
            unit="px"
            value={settings.width}
            min={imageLimits.minSide}
            max={imageLimits.maxSide}
            step={sideStep(model)}
            defaultValue={defaults.width}
            error={errors.width}
            onChange={(width) => change({ width })}
          />
          <NumberField
            label="Height"
            tip={`How tall the picture is; this model draws best near ${defaults.height} pixels.`}
            unit="px"
            value={settings.height}
            min={imageLimits.minSide}
            max={imageLimits.maxSide}
            step={sideStep(model)}
            defaultValue={defaults.height}
            error={errors.height}
            onChange={(height) => change({ height })}
          />
        </div>
      </div>
      <div className={styles.group}>
        <NumberField
          label="Steps"
          tip="How often the picture is refined: more steps take longer and bring finer detail, with less to gain each time."
          value={settings.steps}
          min={1}
          max={imageLimits.maxSteps}
          sliderMax={60}
          step={1}
          slider
          defaultValue={defaults.steps}
          error={errors.steps}
          onChange={(steps) => change({ steps })}
        />
        <NumberField
          label="Guidance"
          tip="How closely the picture follows the prompt: low is freer, high is stricter and harsher."
          value={settings.guidanceScale}
          min={1}
          max={imageLimits.maxGuidance}
          sliderMax={20}
          step={0.5}
          slider
          defaultValue={defaults.guidanceScale}
          error={errors.guidanceScale}
          onChange={(guidanceScale) => change({ guidanceScale })}
        />
      </div>
      <div className={styles.group}>
        <Select
          label="Sampler"
          tip="The path from noise to picture: the same seed looks a little different with each."
          value={settings.scheduler}
          options={schedulerNames.map((value) => ({ value, label: schedulerTitle(value) }))}
          onChange={(scheduler) => change({ scheduler })}
        />
        <Select
          label="Schedule"
          tip="How the steps are spread: Karras spends more of them on fine detail."
          value={
            schedulesOf(settings.scheduler).includes(settings.sigmaSchedule)
              ? settings.sigmaSchedule
              : 'normal'
          }
          options={schedulesOf(settings.scheduler).map((value) => ({
            value,
            label: scheduleTitle(value),
          }))}
          onChange={(sigmaSchedule) => change({ sigmaSchedule })}
        />
        <SamplerOptionFields
          scheduler={settings.scheduler}
          options={draft.options.samplerOptions}
          onChange={(samplerOptions) =>
            createDraft.set((current) => changeOptions(current, { samplerOptions }))
          }
        />
      </div>
      <div className={styles.group}>
        <SeedField seed={draft.seed} error={errors.seed} onChange={(seed) => set({ seed })} />
        {!draft.grid.on && (
          <NumberField
            label="Pictures"
            tip="How many pictures are drawn in a row, each from the next seed."
            value={draft.count}
            min={1}
            max={imageLimits.maxCount}
            step={1}
            defaultValue={1}
            error={errors.count}
            onChange={(count) => set({ count })}
          />
        )}
      </div>
      <SourcePanel model={model} />
      <LoraPanel family={model.family} />
      <ControlPanel family={model.family} size={settings} />
      <FinishPanels model={model} models={models} />
      <FineSettings model={model} />
      <GridPanel model={model} models={models} />
    </>
  );
}

/** Coarse enough to step through sizes, fine enough for every size the model can do. */
function sideStep({ spatialFactor, defaults }: ImageModel): number {
  return Math.max(8, spatialFactor, defaults.width >= 512 ? 64 : 32);
}

interface AspectsProps {
  readonly model: ImageModel;
  readonly width: number;
  readonly height: number;
  readonly onChange: (size: { width: number; height: number }) => void;
}

function Aspects({ model, width, height, onChange }: AspectsProps) {
  const area = model.defaults.width * model.defaults.height;
  const multiple = Math.max(8, model.spatialFactor);
  return (
    <div className={styles.aspects} role="group" aria-label="Shape">
      {aspectPresets.map(({ name, ratio }) => {
        const size = sizeForRatio(ratio, area, multiple);
        const drawn = 15;
        return (
          <button
            key={name}
            type="button"
            className={styles.aspect}
            aria-label={`${name}, ${size.width} × ${size.height}`}
            aria-pressed={size.width === width && size.height === height}
            data-tip={`${size.width} × ${size.height} pixels`}
            onClick={() => onChange(size)}
          >
            <i
              aria-hidden
              style={{
                width: ratio >= 1 ? drawn : drawn * ratio,
                height: ratio >= 1 ? drawn / ratio : drawn,
              }}
            />
            {name}
          </button>
        );
      })}
    </div>
  );
}

interface SeedFieldProps {
  readonly seed: number | null;
  readonly error: string | undefined;
  readonly onChange: (seed: number | null) => void;
}

const seedTip =
  'The noise a picture grows from: the same seed and settings give the same picture again.';

function SeedField({ seed, error, onChange }: SeedFieldProps) {
  return (
    <div className={fieldStyles.field}>
      <div className={fieldStyles.row}>
        <label className={fieldStyles.label} htmlFor="seed" data-tip={seedTip}>
          Seed
        </label>
        <span className={styles.seedRow}>
          <input
            id="seed"
            className={fieldStyles.text}
            inputMode="numeric"
            autoComplete="off"
            placeholder="New each time"
            aria-description={seedTip}
            aria-invalid={error ? true : undefined}
            value={seed ?? ''}
            onFocus={(event) => event.currentTarget.select()}
            onDoubleClick={() => onChange(null)}
            onChange={(event) => {
              const text = event.currentTarget.value;
              if (text.trim() === '') onChange(null);
              else onChange(parseNumber(text) ?? seed);
            }}
          />
          <IconButton
            icon={Dice5}
            label="Roll the dice"
            tip="Draws another seed and keeps it for the next pictures"
            onClick={() => onChange(drawSeed(Math.random))}
          />
          <IconButton
            icon={seed === null ? LockOpen : Lock}
            label="Keep the seed"
            aria-pressed={seed !== null}
            tip={
              seed === null
                ? 'Keeps one seed, so that you see only what other settings change'
                : 'Lets the seed go: every picture gets a new one'
            }
            onClick={() => onChange(seed === null ? drawSeed(Math.random) : null)}
          />
        </span>
      </div>
      {error && (
        <p className={fieldStyles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
