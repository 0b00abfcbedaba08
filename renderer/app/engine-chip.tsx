import { Check, Minus, RotateCcw } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { EngineStatus } from '../../contract/system.ts';
import { Button } from '../ui/button.tsx';
import { formatBytes } from '../ui/format.ts';
import { Popover } from '../ui/popover.tsx';
import styles from './engine-chip.module.css';
import { providerTitles } from './provider-titles.ts';
import { useEngine, useModels } from './queries.ts';
import { useWindow } from './window-model.ts';

const stateTitles: Readonly<Record<EngineStatus['state'], string>> = {
  starting: 'Starting',
  ready: 'Ready',
  busy: 'Working',
  restarting: 'Restarting',
  stopped: 'Stopped',
};

const runtimeTitles: Readonly<Record<NonNullable<EngineStatus['runtime']>['name'], string>> = {
  native: 'The fast runtime',
  'onnxruntime-node': 'The portable runtime',
};

/** What runs the models right now; opens into why. */
export function EngineChip() {
  const { client, toasts, open } = useWindow();
  const engine = useEngine();
  const models = useModels();
  const [isOpen, setIsOpen] = useState(false);
  const close = useCallback(() => setIsOpen(false), []);
  const nameOf = (id: string) => models?.find((model) => model.id === id)?.name ?? id;
  const state = engine?.state ?? 'starting';
  const loaded = engine?.loadedModels.map(nameOf) ?? [];
  const device = engine?.provider ? providerTitles[engine.provider] : stateTitles[state];

  return (
    <Popover
      open={isOpen}
      onClose={close}
      label="Engine"
      button={
        <button
          type="button"
          className={styles.chip}
          aria-haspopup="dialog"
          data-pid={engine?.pid ?? undefined}
          aria-expanded={isOpen}
          aria-label={`Engine: ${stateTitles[state]}, ${device}`}
          data-tip={
            isOpen ? undefined : 'What runs your models right now, and how much memory it holds'
          }
          onClick={() => setIsOpen(!isOpen)}
        >
          <span className={styles.dot} data-state={state} />
          {device}
          {loaded[0] && (
            <span className={styles.model}>
              {loaded[0]}
              {loaded.length > 1 && ` +${loaded.length - 1}`}
            </span>
          )}
          {engine && engine.memoryBytes > 0 && (
            <span className={styles.memory}>{formatBytes(engine.memoryBytes)}</span>
          )}
        </button>
      }
    >
      <div className={styles.panel}>
        <h2>Engine · {stateTitles[state]}</h2>
        {engine?.message && <p className={styles.note}>{engine.message}</p>}
        <dl className={styles.facts}>
          <dt>Runs on</dt>
          <dd>{device}</dd>
          {engine?.runtime && (
            <>
              <dt>Through</dt>
              <dd>{runtimeTitles[engine.runtime.name]}</dd>
            </>
          )}
          <dt>Models in memory</dt>
          <dd>{loaded.length > 0 ? loaded.join(', ') : 'None yet'}</dd>
          <dt>Memory</dt>
          <dd>{engine ? formatBytes(engine.memoryBytes) : '–'}</dd>
          {engine && engine.crashes > 0 && (
            <>
              <dt>Ended unexpectedly</dt>
              <dd>{engine.crashes === 1 ? 'once' : `${engine.crashes} times`}</dd>
            </>
          )}
        </dl>
        {engine?.runtime?.reason && <p className={styles.note}>{engine.runtime.reason}</p>}
        <ul className={styles.providers} aria-label="Devices">
          {engine?.providers.map(({ name, available, reason }) => (
            <li key={name} className={styles.provider} data-available={available ? '' : undefined}>
              {available ? <Check aria-label="Available" /> : <Minus aria-label="Not available" />}
              {providerTitles[name]}
              {reason && <p>{reason}</p>}
            </li>
          ))}
        </ul>
        <div className={styles.actions}>
          <Button
            icon={RotateCcw}
            tip="Gives all memory back and starts the engine afresh; a running picture stops and can be retried"
            onClick={() => {
              close();
              void toasts.watch(client['system.restartEngine']({}));
            }}
          >
            Restart engine
          </Button>
          <Button
            variant="quiet"
            onClick={() => {
              close();
              open('settings');
            }}
          >
            Engine settings
          </Button>
        </div>
      </div>
    </Popover>
  );
}
