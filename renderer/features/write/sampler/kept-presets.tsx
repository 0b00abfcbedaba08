/** Sampler presets of one's own: kept by name, and read from files of other programs. */
import { useQueryClient } from '@tanstack/react-query';
import { Bookmark, FileInput, X } from 'lucide-react';
import { useState } from 'react';
import type { TextModel } from '../../../../contract/models.ts';
import type { NamedSampling } from '../../../../contract/writing-presets.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import fieldStyles from '../../../ui/field.module.css';
import { Popover } from '../../../ui/popover.tsx';
import { bytesOf } from '../files/bytes-of.ts';
import { chooseFile } from '../files/choose-file.ts';
import { samplingFor } from '../sampling-settings.ts';
import { keptPresetsKey as queryKey, useKeptPresets } from './use-kept-presets.ts';
import styles from './kept-presets.module.css';

interface Read {
  readonly name: string;
  readonly notes: readonly string[];
}

export function KeptPresets({ model }: { readonly model: TextModel }) {
  const { client, desk, toasts } = useWindow();
  const queries = useQueryClient();
  const settings = useStore(desk.settings);
  const kept = useKeptPresets();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [read, setRead] = useState<Read | null>(null);
  const close = () => {
    setOpen(false);
    setRead(null);
  };

  const apply = ({ name: preset, sampling }: NamedSampling) =>
    desk.settings.set((now) => ({
      ...now,
      preset,
      changes: { ...now.changes, [model.id]: sampling },
    }));
  const put = async (preset: NamedSampling): Promise<boolean> =>
    toasts.watch(
      client['samplers.put'](preset).then((list) => queries.setQueryData(queryKey, list)),
    );
  const save = async () => {
    const preset = { name: name.trim(), sampling: samplingFor(settings, model) };
    if (preset.name === '' || !(await put(preset))) return;
    setName('');
    apply(preset);
  };
  const remove = async (preset: NamedSampling) => {
    const isGone = await toasts.watch(
      client['samplers.remove']({ name: preset.name }).then((list) =>
        queries.setQueryData(queryKey, list),
      ),
    );
    if (isGone) toasts.say(`The preset “${preset.name}” was removed.`, () => put(preset));
  };
  const readFile = async () => {
    const file = await chooseFile('.json,.preset,.settings,application/json');
    if (!file) return;
    try {
      const bytes = await bytesOf(file);
      const { notes, ...preset } = await client['samplers.read']({ fileName: file.name, bytes });
      if (!(await put(preset))) return;
      apply(preset);
      setRead({ name: preset.name, notes });
      setOpen(true);
    } catch (error) {
      toasts.fail(error);
    }
  };

  return (
    <Popover
      open={open}
      onClose={close}
      label="Presets of your own"
      button={
        <IconButton
          icon={Bookmark}
          label="Presets of your own"
          tip="Keeps these settings by a name, and reads presets of SillyTavern and KoboldAI"
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => (open ? close() : setOpen(true))}
        />
      }
    >
      <div className={styles.surface}>
        {kept?.length === 0 && <p className={styles.hint}>None yet: name what is set, and save.</p>}
        <ul className={styles.list} aria-label="Presets of your own">
          {kept?.map((preset) => (
            <li key={preset.name}>
              <button
                type="button"
                className={styles.pick}
                aria-current={settings.preset === preset.name || undefined}
                onClick={() => {
                  apply(preset);
                  close();
                }}
              >
                {preset.name}
              </button>
              <IconButton
                icon={X}
                label={`Remove ${preset.name}`}
                onClick={() => void remove(preset)}
              />
            </li>
          ))}
        </ul>
        <form
          className={styles.save}
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <input
            className={fieldStyles.text}
            aria-label="Name for a preset"
            placeholder="Save what is set as…"
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={name.trim() === ''}>
            Save
          </Button>
        </form>
        <Button icon={FileInput} onClick={() => void readFile()}>
          Import a preset…
        </Button>
        {read && (
          <div className={styles.read} role="status">
            <p>“{read.name}” is in use.</p>
            {read.notes.length > 0 && (
              <ul>
                {read.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            )}
          </div>
        )}
      </div>
    </Popover>
  );
}
