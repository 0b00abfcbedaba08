/** Presets of the export: taken with one choice, kept under a name, removed. */
import { BookmarkPlus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ExportPreset } from '../../../contract/exports.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type ExportDraft, isAsPreset, withPreset } from './export-draft.ts';
import styles from './export-dialog.module.css';

interface PresetBarProps {
  readonly presets: readonly ExportPreset[];
  readonly draft: ExportDraft;
  readonly onChange: (draft: ExportDraft) => void;
  readonly onPresets: (presets: ExportPreset[]) => void;
}

const own = '';

export function PresetBar({ presets, draft, onChange, onPresets }: PresetBarProps) {
  const { client, toasts } = useWindow();
  const [isNaming, setIsNaming] = useState(false);
  const [name, setName] = useState('');
  const taken = presets.find((preset) => preset.name === draft.preset);
  const isTaken = taken !== undefined && isAsPreset(draft, taken);
  const trimmed = name.trim();
  const clash = presets.find(
    (preset) => preset.builtIn && preset.name.toLowerCase() === trimmed.toLowerCase(),
  );

  const save = async () => {
    if (trimmed === '' || clash) return;
    const { kind, settings } = draft;
    await toasts.watch(
      client['exports.presets.save']({ name: trimmed, kind, settings }).then((list) => {
        onPresets(list);
        onChange({ ...draft, preset: trimmed });
        setIsNaming(false);
      }),
    );
  };
  const remove = async ({ name: removed, kind, settings }: ExportPreset) => {
    await toasts.watch(
      client['exports.presets.remove']({ name: removed }).then((list) => {
        onPresets(list);
        toasts.say(`Preset “${removed}” removed`, async () =>
          onPresets(await client['exports.presets.save']({ name: removed, kind, settings })),
        );
      }),
    );
  };

  return (
    <div className={styles.presets}>
      <Select
        label="Preset"
        tip={taken?.description || 'Settings that belong together, kept under a name.'}
        bare
        value={isTaken ? taken.name : own}
        options={[
          { value: own, label: taken ? `${taken.name}, changed` : 'No preset' },
          ...presets.map((preset) => ({ value: preset.name, label: preset.name })),
        ]}
        onChange={(chosen) => {
          const preset = presets.find((other) => other.name === chosen);
          onChange(preset ? withPreset(draft, preset) : { ...draft, preset: null });
        }}
      />
      <Popover
        open={isNaming}
        onClose={() => setIsNaming(false)}
        label="Keep these settings"
        button={
          <IconButton
            icon={BookmarkPlus}
            variant="plain"
            label="Keep these settings as a preset"
            aria-expanded={isNaming}
            onClick={() => {
              setName(taken && !taken.builtIn ? taken.name : '');
              setIsNaming((open) => !open);
            }}
          />
        }
      >
        {/* No form: it stands within the export's own. */}
        <div
          className={styles.naming}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            event.stopPropagation();
            void save();
          }}
        >
          <TextField
            label="Name"
            tip="By which the preset is chosen, here and on the command line."
            stacked
            value={name}
            maxLength={100}
            error={clash ? `“${clash.name}” comes with Atelier. Take another name.` : null}
            onChange={setName}
          />
          <Button
            variant="primary"
            disabled={trimmed === '' || clash !== undefined}
            onClick={() => void save()}
          >
            Keep
          </Button>
        </div>
      </Popover>
      {isTaken && !taken.builtIn && (
        <IconButton
          icon={Trash2}
          label={`Remove the preset “${taken.name}”`}
          onClick={() => void remove(taken)}
        />
      )}
    </div>
  );
}
