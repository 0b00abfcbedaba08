/** Preferences; every change takes effect at once and is kept. */
import type { Settings } from '../../../contract/settings.ts';
import { feedKeys } from '../../app/feeds.ts';
import { useSettings, useStudioInfo } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Segments, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { WatchedFolders } from '../importing/watched-folders.tsx';
import { About } from './about.tsx';
import { LibraryCare } from '../care/library-care.tsx';
import { PartDevices, Providers } from './providers.tsx';
import styles from './settings-screen.module.css';

const gibibyte = 2 ** 30;
/** What a fresh installation has; a double-click goes back to it. */
const defaultBudgetGib = 4;

export function SettingsScreen() {
  const { client, queries, toasts } = useWindow();
  const settings = useSettings();
  const info = useStudioInfo();
  if (!settings) return <div aria-busy="true" />;
  const set = (change: Partial<Settings>) => {
    // Shown at once; taken back if the studio refuses it.
    queries.setQueryData<Settings>(feedKeys.settings, { ...settings, ...change });
    void toasts.watch(client['settings.set'](change)).then((done) => {
      if (!done) queries.setQueryData<Settings>(feedKeys.settings, settings);
    });
  };
  const budgetGib = settings.memoryBudgetBytes / gibibyte;

  return (
    <div className={styles.screen}>
      <div className={styles.column}>
        <section className={styles.section}>
          <h2>Appearance</h2>
          <div className={styles.row}>
            <span>Theme</span>
            <Segments
              label="Theme"
              value={settings.theme}
              options={[
                { value: 'system', label: 'System' },
                { value: 'dark', label: 'Dark' },
                { value: 'light', label: 'Light' },
              ]}
              onChange={(theme) => set({ theme })}
            />
          </div>
          <Switch
            label="Reduce motion"
            tip="Shows changes at once, without movement."
            checked={settings.reduceMotion}
            onChange={(reduceMotion) => set({ reduceMotion })}
          />
        </section>
        <section className={styles.section}>
          <h2>Pictures</h2>
          <Switch
            label="Show the picture forming at every step"
            tip="Draws a small preview after each step; it costs next to no time."
            checked={settings.livePreview}
            onChange={(livePreview) => set({ livePreview })}
          />
          <Switch
            label="Write the recipe into each file"
            tip="Prompt, seed and settings travel with the picture, so that it can be drawn again anywhere."
            checked={settings.embedRecipe}
            onChange={(embedRecipe) => set({ embedRecipe })}
          />
        </section>
        <section className={styles.section}>
          <h2>Engine</h2>
          <Providers chosen={settings.provider} onChoose={(provider) => set({ provider })} />
          <PartDevices
            chosen={settings.partProviders}
            onChoose={(partProviders) => set({ partProviders })}
          />
          <div className={styles.number}>
            <NumberField
              label="Memory for models"
              tip="How much memory loaded models may hold together."
              unit="GiB"
              value={budgetGib}
              min={0.25}
              max={1024}
              step={0.5}
              defaultValue={defaultBudgetGib}
              error={budgetGib < 0.25 || budgetGib > 1024 ? 'Between 0.25 and 1024 GiB.' : null}
              onChange={(gib) => {
                if (gib >= 0.25 && gib <= 1024)
                  set({ memoryBudgetBytes: Math.round(gib * gibibyte) });
              }}
            />
            <p>Models beyond this are let go, the one unused for longest first.</p>
          </div>
          <div className={styles.number}>
            <NumberField
              label="Processor threads"
              tip="How many processor cores drawing and writing may use."
              value={settings.threads}
              min={0}
              max={256}
              step={1}
              defaultValue={0}
              onChange={(threads) => {
                if (Number.isInteger(threads) && threads >= 0 && threads <= 256) set({ threads });
              }}
            />
            <p>How many cores the CPU may use; 0 leaves the choice to the engine.</p>
          </div>
        </section>
        {info && (
          <section className={styles.section}>
            <h2>Folders</h2>
            <Folder
              name="Library"
              path={info.libraryFolder}
              note="Your pictures, as plain files that any program can open"
            />
            <LibraryCare />
            <WatchedFolders />
            <Folder
              name="Settings and drafts"
              path={info.dataFolder}
              note="Preferences, unsent prompts and the queue"
            />
          </section>
        )}
        <section className={styles.section}>
          <h2>About</h2>
          <About info={info} />
        </section>
      </div>
    </div>
  );
}

function Folder({
  name,
  path,
  note,
}: {
  readonly name: string;
  readonly path: string;
  readonly note: string;
}) {
  return (
    <div className={styles.folder}>
      {name}
      <p>{note}</p>
      <p className={styles.path} data-selectable>
        {path}
      </p>
    </div>
  );
}
