/** How words are drawn: presets, every sampler with its sentence, and the order in which they act. */
import { GripVertical, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { TextModel } from '../../../../contract/models.ts';
import { samplingPresets, type SamplingField } from '../../../../contract/sampling-fields.ts';
import { samplerStages, SamplingSettings, type SamplerStage } from '../../../../contract/write.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Select } from '../../../ui/field.tsx';
import { NumberField } from '../../../ui/number-field.tsx';
import { defaultSampling, modelsOwn, presetOf, samplingFor } from '../sampling-settings.ts';
import { useKeptPresets } from './use-kept-presets.ts';
import { partSummary, samplerParts, type PartName } from './sampler-parts.ts';
import styles from './sampler-panel.module.css';

const dragType = 'application/x-atelier-sampler';

export function SamplerPanel({ model }: { readonly model: TextModel }) {
  const { desk } = useWindow();
  const settings = useStore(desk.settings);
  const values = samplingFor(settings, model);
  const defaults = defaultSampling(model);
  const kept = useKeptPresets() ?? [];
  const [open, setOpen] = useState<ReadonlySet<PartName>>(new Set(['temperature']));
  const [dropAt, setDropAt] = useState<SamplerStage | null>(null);

  const change = (changes: Partial<SamplingSettings>) =>
    desk.settings.set((now) => ({
      ...now,
      preset: null,
      changes: { ...now.changes, [model.id]: { ...now.changes[model.id], ...changes } },
    }));
  const choosePreset = (name: string) => {
    const own = kept.find((each) => each.name === name)?.sampling;
    const preset = own ?? samplingPresets.find(({ title }) => title === name)?.settings;
    desk.settings.set((now) => ({
      ...now,
      preset: preset ? name : null,
      // What a preset does not name is off, whatever the model's own settings are.
      changes: {
        ...now.changes,
        [model.id]: preset ? SamplingSettings.parse(preset) : {},
      },
    }));
  };
  const move = (stage: SamplerStage, to: number) => {
    const order = values.order.filter((each) => each !== stage);
    change({ order: order.toSpliced(Math.max(0, to), 0, stage) });
  };
  const hasChanges = Object.keys(settings.changes[model.id] ?? {}).length > 0;
  const presetName = presetOf(settings, model);
  const isListed =
    presetName === modelsOwn ||
    [...samplingPresets.map(({ title }) => title), ...kept.map(({ name }) => name)].includes(
      presetName,
    );
  const off = samplerStages.filter((stage) => !values.order.includes(stage));

  const field = ({ key, title, tip, min, max, sliderMax, step }: SamplingField) => (
    <NumberField
      key={key}
      label={title}
      tip={tip}
      min={min}
      max={max}
      sliderMax={sliderMax}
      step={step}
      value={values[key]}
      slider
      defaultValue={defaults[key]}
      error={values[key] < min || values[key] > max ? `Between ${min} and ${max}.` : null}
      onChange={(value) => change({ [key]: Math.min(max, Math.max(min, value)) })}
    />
  );
  const toggle = (stage: PartName, isOpen: boolean) =>
    setOpen((now) => {
      const next = new Set(now);
      if (isOpen) next.add(stage);
      else next.delete(stage);
      return next;
    });

  return (
    <div className={styles.panel}>
      <div className={styles.head}>
        <Select
          bare
          label="Preset"
          tip="Sets all samplers at once; you can change each of them afterwards."
          value={presetName}
          options={[
            { value: modelsOwn, label: modelsOwn },
            ...samplingPresets.map(({ title }) => ({ value: title, label: title })),
            ...kept.map(({ name }) => ({ value: name, label: name })),
            ...(isListed ? [] : [{ value: presetName, label: presetName }]),
          ]}
          onChange={choosePreset}
        />
        <IconButton
          icon={RotateCcw}
          label="Back to the model’s own"
          disabled={!hasChanges}
          onClick={() => choosePreset(modelsOwn)}
        />
      </div>
      <ol className={styles.stages} aria-label="Samplers in the order in which they act">
        {values.order.map((stage, index) => {
          const part = samplerParts[stage];
          const summary = partSummary(part, values);
          return (
            <li
              key={stage}
              data-drop={dropAt === stage ? '' : undefined}
              onDragOver={(event) => {
                if (!event.dataTransfer.types.includes(dragType)) return;
                event.preventDefault();
                setDropAt(stage);
              }}
              onDragLeave={() => setDropAt(null)}
              onDrop={(event) => {
                setDropAt(null);
                const moved = samplerStages.find(
                  (each) => each === event.dataTransfer.getData(dragType),
                );
                if (moved) move(moved, index);
              }}
            >
              <button
                type="button"
                className={styles.grip}
                draggable
                aria-label={`Move ${part.title}, ${index + 1} of ${values.order.length}`}
                data-tip="Drag, or press Alt with ↑ or ↓, to let it act earlier or later"
                onDragStart={(event) => event.dataTransfer.setData(dragType, stage)}
                onKeyDown={(event) => {
                  const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
                  if (step === 0 || !event.altKey) return;
                  event.preventDefault();
                  event.stopPropagation();
                  move(stage, index + step);
                }}
              >
                <GripVertical aria-hidden />
              </button>
              <details
                open={open.has(stage)}
                onToggle={(event) => toggle(stage, event.currentTarget.open)}
              >
                <summary data-off={summary === null ? '' : undefined}>
                  <span>{part.title}</span>
                  <span className={styles.summary}>{summary ?? 'off'}</span>
                </summary>
                <div className={styles.fields}>{part.fields.map(field)}</div>
              </details>
            </li>
          );
        })}
        {off.map((stage) => (
          <li key={stage} className={styles.left}>
            <span>{samplerParts[stage].title}</span>
            <button type="button" onClick={() => change({ order: [...values.order, stage] })}>
              Use
            </button>
          </li>
        ))}
        <li>
          <details
            open={open.has('mirostat')}
            onToggle={(event) => toggle('mirostat', event.currentTarget.open)}
          >
            <summary data-off={values.mirostatTau === 0 ? '' : undefined}>
              <span>Mirostat</span>
              <span className={styles.summary}>
                {partSummary(samplerParts.mirostat, values) ?? 'off'}
              </span>
            </summary>
            <div className={styles.fields}>{samplerParts.mirostat.fields.map(field)}</div>
          </details>
        </li>
      </ol>
    </div>
  );
}
