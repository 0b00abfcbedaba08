/** One entry of the lorebook; saved as it is typed. */
import { ArrowLeft, Brush, Trash2 } from 'lucide-react';
import { useId } from 'react';
import type { LoreEntry } from '../../../../contract/projects.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/field.tsx';
import { NumberField } from '../../../ui/number-field.tsx';
import { Section } from '../../../ui/section.tsx';
import { usePatched } from '../session/use-patched.ts';
import { KeyChips } from './key-chips.tsx';
import styles from './lore.module.css';

interface LoreEntryFormProps {
  readonly entry: LoreEntry;
  /** Whether it comes up at present, in a sentence. */
  readonly told: string;
  /** @returns whether they were kept */
  readonly onChange: (changes: Partial<LoreEntry>) => Promise<boolean>;
  readonly onBack: () => void;
  readonly onRemove: () => void;
}

export function LoreEntryForm({ entry, told, onChange, onBack, onRemove }: LoreEntryFormProps) {
  const { createDraft, open } = useWindow();
  const id = useId();
  const { value, change, flush } = usePatched<LoreEntry>(entry, onChange);
  const draw = () => {
    flush();
    createDraft.set((draft) => ({ ...draft, prompt: value.picturePrompt, style: null }));
    open('create');
  };

  return (
    <div
      className={styles.form}
      role="group"
      aria-label="Entry"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onBack();
      }}
    >
      <div className={styles.head}>
        <IconButton icon={ArrowLeft} label="All entries" onClick={onBack} />
        <input
          className={styles.name}
          aria-label="Title of the entry"
          placeholder="Title"
          autoFocus
          maxLength={500}
          value={value.title}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
        <IconButton
          icon={Trash2}
          label="Remove the entry"
          tip="Takes it out of the lore; it can be undone"
          onClick={onRemove}
        />
      </div>
      <div className={styles.scroll}>
        <KeyChips
          label="Keys"
          tip="Any of these words in the text brings the entry up. Between slashes it is a pattern, such as /dragons?/i."
          placeholder="Words, apart by commas"
          keys={value.keys}
          onChange={(keys) => change({ keys })}
        />
        <div className={styles.field}>
          <label htmlFor={`${id}-text`}>What the model is told</label>
          <textarea
            id={`${id}-text`}
            rows={6}
            maxLength={200_000}
            value={value.text}
            onChange={(event) => change({ text: event.currentTarget.value })}
          />
        </div>
        <Switch
          label="In use"
          tip="Off, it is kept and never told."
          checked={value.enabled}
          onChange={(enabled) => change({ enabled })}
        />
        <Switch
          label="Always told"
          tip="Tells it whether or not the text speaks of it."
          checked={value.constant}
          onChange={(constant) => change({ constant })}
        />
        {value.enabled && (
          <p className={styles.state} role="status">
            {value.constant ? 'It stands at the beginning of what the model reads.' : told}
          </p>
        )}
        <Section title="When it comes up" summary={summaryOf(value)}>
          <KeyChips
            label="And one of these"
            tip="If there are any, one of these must be in the text too."
            placeholder="None needed"
            keys={value.secondaryKeys}
            onChange={(secondaryKeys) => change({ secondaryKeys })}
          />
          <NumberField
            label="Priority"
            tip="Where there is not room for all, entries with a higher number stay."
            value={value.priority}
            min={-1000}
            max={1000}
            step={1}
            defaultValue={0}
            onChange={(priority) => change({ priority: whole(priority, -1000, 1000) })}
          />
          <NumberField
            label="Looks back"
            tip="How many letters before the cursor are searched for the keys."
            value={value.scanCharacters}
            min={0}
            max={1_000_000}
            step={500}
            defaultValue={4000}
            onChange={(scanCharacters) =>
              change({ scanCharacters: whole(scanCharacters, 0, 1_000_000) })
            }
          />
          <Switch
            label="Whole words"
            tip="A key counts as a word of its own only: king does not bring up kingdom."
            checked={value.wholeWords}
            onChange={(wholeWords) => change({ wholeWords })}
          />
          <Switch
            label="Capitals matter"
            tip="Rex is then another word than rex."
            checked={value.caseSensitive}
            onChange={(caseSensitive) => change({ caseSensitive })}
          />
        </Section>
        <div className={styles.field}>
          <label htmlFor={`${id}-picture`}>Picture</label>
          <textarea
            id={`${id}-picture`}
            rows={3}
            maxLength={20_000}
            placeholder="A prompt that draws what the entry speaks of"
            value={value.picturePrompt}
            onChange={(event) => change({ picturePrompt: event.currentTarget.value })}
          />
          <Button
            icon={Brush}
            disabled={value.picturePrompt.trim() === ''}
            tip="Puts this prompt into Create and goes there"
            onClick={draw}
          >
            Draw this
          </Button>
        </div>
      </div>
    </div>
  );
}

function summaryOf({ secondaryKeys, priority, scanCharacters }: LoreEntry): string {
  return [
    `last ${scanCharacters.toLocaleString('en')} letters`,
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(secondaryKeys.length === 0 ? [] : [`and ${secondaryKeys.length}`]),
  ].join(' · ');
}

const whole = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)));
