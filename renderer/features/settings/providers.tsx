/** Where models run: all of them, and single parts. */
import type { PartProviders, Settings } from '../../../contract/settings.ts';
import { providerTitles } from '../../app/provider-titles.ts';
import { useEngine } from '../../app/queries.ts';
import { Select } from '../../ui/field.tsx';
import styles from './settings-screen.module.css';

interface ProvidersProps {
  readonly chosen: Settings['provider'];
  readonly onChoose: (provider: Settings['provider']) => void;
}

export function Providers({ chosen, onChoose }: ProvidersProps) {
  const engine = useEngine();
  const running = engine?.provider ? ` Now: ${providerTitles[engine.provider]}.` : '';
  return (
    <div role="radiogroup" aria-label="Device" className={styles.providers}>
      <label className={styles.provider}>
        <input
          type="radio"
          name="provider"
          checked={chosen === 'auto'}
          onChange={() => onChoose('auto')}
        />
        <strong>Automatic</strong>
        <small>Takes the fastest device that works.{running}</small>
      </label>
      {engine?.providers.map(({ name, available, reason }) => (
        <label key={name} className={styles.provider} data-unavailable={available ? undefined : ''}>
          <input
            type="radio"
            name="provider"
            checked={chosen === name}
            disabled={!available && chosen !== name}
            onChange={() => onChoose(name)}
          />
          <strong>{providerTitles[name]}</strong>
          <small>
            {reason || (available ? 'Works on this machine.' : 'Does not work on this machine.')}
          </small>
        </label>
      ))}
    </div>
  );
}

/** Folders of a model that a person thinks of as one. */
const parts: readonly {
  readonly label: string;
  readonly tip: string;
  readonly folders: readonly (keyof PartProviders)[];
}[] = [
  {
    label: 'Prompts are read on',
    tip: 'Text encoders run once per picture; on the CPU they leave the other device their memory.',
    folders: ['text_encoder', 'text_encoder_2', 'text_encoder_3'],
  },
  {
    label: 'Pictures are drawn on',
    tip: 'The part that runs at every step; nearly all the time goes here.',
    folders: ['unet', 'transformer'],
  },
  {
    label: 'Pixels are made on',
    tip: 'The autoencoder needs much memory for a moment, at the end of each picture.',
    folders: ['vae_encoder', 'vae_decoder'],
  },
];

interface PartDevicesProps {
  readonly chosen: PartProviders;
  readonly onChoose: (chosen: PartProviders) => void;
}

/** Nothing where there is one device alone, and nothing was chosen. */
export function PartDevices({ chosen, onChoose }: PartDevicesProps) {
  const engine = useEngine();
  const available = engine?.providers.filter((provider) => provider.available) ?? [];
  if (available.length < 2 && Object.keys(chosen).length === 0) return null;
  return (
    <div className={styles.parts}>
      {parts.map(({ label, tip, folders }) => (
        <Select
          key={label}
          label={label}
          tip={tip}
          value={folders.map((folder) => chosen[folder]).find(Boolean) ?? 'same'}
          options={[
            { value: 'same', label: 'The device above' },
            ...(engine?.providers ?? []).map((provider) => ({
              value: provider.name,
              label: providerTitles[provider.name],
              disabled: !provider.available,
            })),
          ]}
          onChange={(device) =>
            onChoose({
              ...Object.fromEntries(
                Object.entries(chosen).filter(([folder]) => !folders.some((own) => own === folder)),
              ),
              ...(device === 'same'
                ? {}
                : Object.fromEntries(folders.map((folder) => [folder, device]))),
            })
          }
        />
      ))}
    </div>
  );
}
