/** LoRAs beside those that the prompt names: added, weighed, switched off, removed. */
import { X } from 'lucide-react';
import type { LoraUse } from '../../../contract/image-options.ts';
import type { Resource } from '../../../contract/resources.ts';
import { useResourcesOf } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import { Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Section } from '../../ui/section.tsx';
import { AdapterDrop } from '../adapters/adapter-drop.tsx';
import { AdapterFacts } from '../adapters/adapter-facts.tsx';
import { familyProblem } from '../adapters/adapter-family.ts';
import { addLora, changeLora, removeLora, switchLora } from './adapter-draft.ts';
import styles from './adapter-panels.module.css';
import { AdapterPicker } from './adapter-picker.tsx';
import { sentOptions, type CreateDraft } from './create-draft.ts';
import { hasWords, withWords } from './prompt-adapters.ts';

const weight = { min: -10, max: 10, sliderMin: -1, sliderMax: 2, step: 0.05, defaultValue: 1 };

/** @param family of the chosen model */
export function LoraPanel({ family }: { readonly family: string | null }) {
  const { createDraft, toasts } = useWindow();
  const draft = useStore(createDraft);
  const installed = useResourcesOf('lora');
  const { loras } = draft.options;
  const sent = sentOptions(draft).loras;
  const unused = (installed ?? []).filter(({ id }) => !loras.some((use) => use.id === id));

  return (
    <Section title="LoRA" summary={sent.length > 0 ? summaryOf(sent) : null}>
      <AdapterDrop
        kind={null}
        file={{ accept: '.safetensors', label: 'LoRA file', button: 'Import a file' }}
        folder={null}
        onImported={({ kind, id }) => {
          if (kind === 'lora') createDraft.set((current) => addLora(current, id));
          else
            toasts.say(
              kind === 'embedding'
                ? `“${id}” is an embedding: write its name into a prompt.`
                : `“${id}” is no LoRA; it is in Models now.`,
            );
        }}
      >
        {loras.map((use) => (
          <Lora
            key={use.id}
            use={use}
            adapter={installed?.find(({ id }) => id === use.id)}
            isMissing={installed !== undefined && !installed.some(({ id }) => id === use.id)}
            isOn={!draft.off.loras.includes(use.id)}
            family={family}
            prompt={draft.prompt}
            onChange={(change) => createDraft.set(change)}
          />
        ))}
        {unused.length > 0 && (
          <AdapterPicker
            label="Add a LoRA"
            adapters={unused}
            family={family}
            onPick={({ id }) => createDraft.set((current) => addLora(current, id))}
          />
        )}
        {installed?.length === 0 && (
          <p className={styles.hint}>
            A LoRA teaches the model a style or a subject. Drop a .safetensors file here, or put it
            into the library’s folder adapters/loras.
          </p>
        )}
      </AdapterDrop>
    </Section>
  );
}

interface LoraProps {
  readonly use: LoraUse;
  readonly adapter: Resource | undefined;
  readonly isMissing: boolean;
  readonly isOn: boolean;
  readonly family: string | null;
  readonly prompt: string;
  readonly onChange: (change: (draft: CreateDraft) => CreateDraft) => void;
}

function Lora({ use, adapter, isMissing, isOn, family, prompt, onChange }: LoraProps) {
  const { id } = use;
  const name = adapter?.name ?? id;
  const mismatch = adapter ? familyProblem(adapter, family) : null;
  return (
    <div
      className={styles.unit}
      role="group"
      aria-label={`LoRA ${name}`}
      data-off={isOn ? undefined : ''}
    >
      <div className={styles.head}>
        <Switch
          label={name}
          tip="Whether this LoRA takes part; its weights are kept while it is off."
          checked={isOn}
          onChange={(on) => onChange((draft) => switchLora(draft, id, on))}
        />
        <IconButton
          icon={X}
          label={`Remove ${name}`}
          tip="Takes this LoRA out of the list; its file stays in the library"
          onClick={() => onChange((draft) => removeLora(draft, id))}
        />
      </div>
      {isMissing && (
        <p className={styles.error}>Its file is not in the library any more. Remove it here.</p>
      )}
      {adapter?.problem && <p className={styles.error}>{adapter.problem}</p>}
      {mismatch !== null && <p className={styles.warning}>{mismatch}</p>}
      <div className={styles.body}>
        <NumberField
          label="Weight"
          tip="How strongly it changes the picture: 0 not at all, 1 as it was trained, below 0 the opposite."
          value={use.unetWeight}
          {...weight}
          slider
          onChange={(unetWeight) => onChange((draft) => changeLora(draft, id, { unetWeight }))}
        />
        {adapter && adapter.triggerWords.length > 0 && (
          <div className={styles.words} role="group" aria-label={`Words that bring out ${name}`}>
            {adapter.triggerWords.map((words) => (
              <button
                key={words}
                type="button"
                className={styles.word}
                aria-pressed={hasWords(prompt, words)}
                data-tip="Puts these words at the end of the prompt"
                onClick={() => {
                  if (hasWords(prompt, words)) return;
                  onChange((draft) => ({ ...draft, prompt: withWords(draft.prompt, words) }));
                }}
              >
                {words}
              </button>
            ))}
          </div>
        )}
        <details className={styles.details}>
          <summary>Details</summary>
          <NumberField
            label="Text encoder"
            tip="How strongly it changes what the words mean; it follows the weight until it is set apart."
            value={use.textWeight}
            {...weight}
            slider
            onChange={(textWeight) => onChange((draft) => changeLora(draft, id, { textWeight }))}
          />
          {adapter && <AdapterFacts adapter={adapter} className={styles.facts} />}
        </details>
      </div>
    </div>
  );
}

function summaryOf(loras: readonly LoraUse[]): string {
  const [first] = loras;
  if (loras.length > 1 || !first) return `${loras.length} in use`;
  return `${first.id} · ${first.unetWeight}`;
}
