/** Styles, presets and earlier prompts above the prompt: pick, save, remove. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { History, Palette, SlidersHorizontal, X, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { ImageModel } from '../../../contract/models.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { effectiveSettings, sentOptions } from './create-draft.ts';
import { applyPreset, applyStyle, presetOf, styleProblem } from './prompt-presets.ts';
import styles from './prompt-library.module.css';

export function PromptLibrary({ model }: { readonly model: ImageModel }) {
  const { client, createDraft, toasts } = useWindow();
  const queries = useQueryClient();
  const draft = useStore(createDraft);
  const keptStyles = useQuery({
    queryKey: ['styles'],
    queryFn: ({ signal }) => client['styles.list']({}, { signal }),
  }).data;
  const keptPresets = useQuery({
    queryKey: ['presets'],
    queryFn: ({ signal }) => client['presets.list']({}, { signal }),
  }).data;
  const change = (key: 'styles' | 'presets', changed: Promise<unknown>) =>
    changed.then((items) => queries.setQueryData([key], items));
  const keep = (key: 'styles' | 'presets', changed: Promise<unknown>) =>
    void toasts.watch(change(key, changed));
  /** @param putBack asked for only once it is gone, so that the two cannot overtake each other */
  const remove = (
    key: 'styles' | 'presets',
    message: string,
    removed: Promise<unknown>,
    putBack: () => Promise<unknown>,
  ) => {
    const gone = change(key, removed);
    const told = toasts.say(message, () => gone.then(() => change(key, putBack())));
    gone.catch((error: unknown) => {
      toasts.retract(told);
      toasts.fail(error);
    });
  };

  return (
    <div className={styles.bar} role="group" aria-label="Kept prompts">
      <Kept
        title="Styles"
        icon={Palette}
        empty="A style is words around a prompt: write {prompt} where the prompt goes, and save it here."
        names={(keptStyles ?? []).map(({ name }) => name)}
        onPick={(name) => {
          const style = keptStyles?.find((one) => one.name === name);
          if (style) createDraft.set((current) => applyStyle(current, style));
        }}
        onSave={(name) => {
          const { prompt, negativePrompt } = draft;
          keep('styles', client['styles.put']({ name, prompt, negativePrompt }));
        }}
        problemOf={(name) => {
          const style = keptStyles?.find((one) => one.name === name);
          return style ? styleProblem(style, draft.options.emphasis) : null;
        }}
        onRemove={(name) => {
          const style = keptStyles?.find((one) => one.name === name);
          if (!style) return;
          const removed = client['styles.remove']({ name });
          remove('styles', `Style “${name}” removed`, removed, () => client['styles.put'](style));
        }}
      />
      <Kept
        title="Presets"
        icon={SlidersHorizontal}
        empty="A preset is the settings at the right by a name: size, steps, sampler and options."
        names={(keptPresets ?? []).map(({ name }) => name)}
        onPick={(name) => {
          const preset = keptPresets?.find((one) => one.name === name);
          if (preset) createDraft.set((current) => applyPreset(current, preset, model));
        }}
        onSave={(name) => {
          const settings = presetOf(sentOptions(draft), effectiveSettings(draft, model));
          keep('presets', client['presets.put']({ name, settings }));
        }}
        problemOf={() => null}
        onRemove={(name) => {
          const preset = keptPresets?.find((one) => one.name === name);
          if (!preset) return;
          const removed = client['presets.remove']({ name });
          remove('presets', `Preset “${name}” removed`, removed, () =>
            client['presets.put'](preset),
          );
        }}
      />
      <PromptHistory />
    </div>
  );
}

interface KeptProps {
  readonly title: string;
  readonly icon: LucideIcon;
  readonly empty: string;
  readonly names: readonly string[];
  readonly onPick: (name: string) => void;
  readonly onSave: (name: string) => void;
  /** What is odd about what is kept; null if nothing is. */
  readonly problemOf: (name: string) => string | null;
  readonly onRemove: (name: string) => void;
}

function Kept(props: KeptProps) {
  const { title, icon, empty, names, onPick, onSave, problemOf, onRemove } = props;
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const trimmed = name.trim();
  return (
    <Popover
      open={open}
      onClose={() => setOpen(false)}
      label={title}
      align="start"
      button={
        <Button icon={icon} aria-expanded={open} onClick={() => setOpen(!open)}>
          {title}
        </Button>
      }
    >
      <div className={styles.surface}>
        {names.length === 0 && <p className={styles.note}>{empty}</p>}
        <ul className={styles.list}>
          {names.map((one) => (
            <li key={one} className={styles.row}>
              <button
                type="button"
                className={styles.pick}
                onClick={() => {
                  onPick(one);
                  setOpen(false);
                }}
              >
                {one}
              </button>
              <IconButton
                variant="plain"
                icon={X}
                label={`Remove ${one}`}
                tip="Removes this from the list"
                onClick={() => onRemove(one)}
              />
              {problemOf(one) && <p className={styles.problem}>{problemOf(one)}</p>}
            </li>
          ))}
        </ul>
        <form
          className={styles.save}
          onSubmit={(event) => {
            event.preventDefault();
            if (trimmed === '') return;
            onSave(trimmed);
            setName('');
          }}
        >
          <input
            className={styles.input}
            aria-label={`Name for ${title.toLowerCase()}`}
            placeholder="Save what is set as…"
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={trimmed === ''}>
            Save
          </Button>
        </form>
      </div>
    </Popover>
  );
}

function PromptHistory() {
  const { client, createDraft } = useWindow();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const found = useQuery({
    queryKey: ['images', 'prompts', text],
    enabled: open,
    queryFn: ({ signal }) => client['prompts.history']({ text }, { signal }),
    placeholderData: (previous) => previous,
  }).data;
  return (
    <Popover
      open={open}
      onClose={() => setOpen(false)}
      label="Earlier prompts"
      align="start"
      button={
        <Button icon={History} aria-expanded={open} onClick={() => setOpen(!open)}>
          History
        </Button>
      }
    >
      <div className={styles.surface}>
        <input
          type="search"
          className={styles.input}
          aria-label="Search earlier prompts"
          placeholder="Search earlier prompts"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {found?.length === 0 && <p className={styles.note}>Nothing found.</p>}
        <ul className={styles.list}>
          {found?.map(({ prompt, negativePrompt, usedAt }) => (
            <li key={`${usedAt} ${prompt} ${negativePrompt}`} className={styles.row}>
              <button
                type="button"
                className={styles.pick}
                onClick={() => {
                  createDraft.set((draft) => ({ ...draft, prompt, negativePrompt, style: null }));
                  setOpen(false);
                }}
              >
                {prompt}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Popover>
  );
}
