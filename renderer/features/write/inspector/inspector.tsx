/** The panel at the right: how the model writes, the history, the project; or what waits for a decision. */
import { Dices, Lock, LockOpen } from 'lucide-react';
import { useState } from 'react';
import type { TextModel } from '../../../../contract/models.ts';
import type { Project } from '../../../../contract/projects.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import { Segments, Select } from '../../../ui/field.tsx';
import fieldStyles from '../../../ui/field.module.css';
import { NumberField } from '../../../ui/number-field.tsx';
import { parseNumber } from '../../../ui/number-scrub.ts';
import type { DeskSettings } from '../desk-settings.ts';
import { HistoryMap } from '../history/history-map.tsx';
import { LorePanel } from '../lore/lore-panel.tsx';
import { useProjectLorebook } from '../lore/lorebook.ts';
import { NextTokenPanel } from '../next-token/next-token-panel.tsx';
import { KeptPresets } from '../sampler/kept-presets.tsx';
import { SamplerPanel } from '../sampler/sampler-panel.tsx';
import type { SceneSession } from '../session/scene-session.ts';
import { chosenTextModel } from '../writing-desk.ts';
import { ProjectPanel } from './project-panel.tsx';
import styles from './inspector.module.css';

export const inspectorTabs = ['model', 'history', 'lore', 'project'] as const;
export type InspectorTab = (typeof inspectorTabs)[number];

interface InspectorProps {
  readonly session: SceneSession;
  readonly tab: InspectorTab;
  readonly onTab: (tab: InspectorTab) => void;
}

const seeds = 2 ** 32;

export function Inspector({ session, tab, onTab }: InspectorProps) {
  const { desk } = useWindow();
  const project = useStore(desk.projects.project);
  return (
    <div className={styles.inspector}>
      <Segments
        label="What the panel shows"
        value={tab}
        options={[
          { value: 'model', label: 'Model' },
          { value: 'history', label: 'History' },
          { value: 'lore', label: 'Lore' },
          { value: 'project', label: 'Project' },
        ]}
        onChange={onTab}
      />
      {tab === 'model' ? (
        <ModelPanel session={session} />
      ) : tab === 'history' ? (
        <HistoryMap key={session.sceneId} session={session} />
      ) : tab === 'lore' ? (
        project && <ProjectLore key={project.id} session={session} project={project} />
      ) : (
        <ProjectPanel />
      )}
    </div>
  );
}

function ProjectLore({
  session,
  project,
}: {
  readonly session: SceneSession;
  readonly project: Project;
}) {
  return <LorePanel book={useProjectLorebook(session, project)} />;
}

/** @param session whose next token is shown; null shows none */
export function ModelPanel({ session }: { readonly session: SceneSession | null }) {
  const { desk } = useWindow();
  const settings = useStore(desk.settings);
  const models = useTextModels();
  const model = chosenTextModel(settings.modelId, models ?? []);
  const set = (change: Partial<DeskSettings>) =>
    desk.settings.set((now) => ({ ...now, ...change }));
  if (!model || !models) {
    return (
      <p className={styles.hint}>
        No text model is installed. Write as you like; Open Models adds one that writes along.
      </p>
    );
  }
  return (
    <div className={styles.scroll}>
      <div className={styles.group}>
        <Select
          bare
          label="Model"
          tip="Decides in which manner and language the text goes on."
          value={model.id}
          options={models.map(({ id, name, problem }) => ({
            value: id,
            label: name,
            disabled: problem !== null,
          }))}
          onChange={(modelId) => set({ modelId })}
        />
        <NumberField
          label="Tokens"
          tip="The most the model writes before it stops by itself, in tokens of about four letters."
          value={settings.maxTokens}
          min={1}
          max={100_000}
          sliderMax={500}
          step={10}
          slider
          defaultValue={120}
          error={
            settings.maxTokens < 1 || !Number.isInteger(settings.maxTokens)
              ? 'At least one whole token is needed.'
              : null
          }
          onChange={(maxTokens) => set({ maxTokens })}
        />
        <NumberField
          label="Alternatives"
          tip="How many ways to go on are offered side by side."
          value={settings.alternatives}
          min={2}
          max={6}
          step={1}
          defaultValue={3}
          error={settings.alternatives < 2 || settings.alternatives > 6 ? 'Between 2 and 6.' : null}
          onChange={(alternatives) =>
            set({ alternatives: Math.min(6, Math.max(2, Math.round(alternatives))) })
          }
        />
        <NumberField
          label="Suggest after"
          tip="A suggestion in grey comes when you pause for this long; 0 only when you ask for one."
          unit="s"
          value={settings.ghostPauseSeconds}
          min={0}
          max={60}
          step={0.5}
          defaultValue={0}
          onChange={(ghostPauseSeconds) =>
            set({ ghostPauseSeconds: Math.min(60, Math.max(0, ghostPauseSeconds)) })
          }
        />
        <SeedField seed={settings.seed} onChange={(seed) => set({ seed })} />
      </div>
      {session && <NextTokenPanel session={session} model={model} />}
      <SamplerSection model={model} />
    </div>
  );
}

function SamplerSection({ model }: { readonly model: TextModel }) {
  return (
    <div className={styles.group}>
      <div className={styles.title}>
        <h2>How words are drawn</h2>
        <KeptPresets model={model} />
      </div>
      <SamplerPanel model={model} />
    </div>
  );
}

function SeedField({
  seed,
  onChange,
}: {
  readonly seed: number | null;
  readonly onChange: (seed: number | null) => void;
}) {
  const { desk } = useWindow();
  const last = useStore(desk.coWriter.progress)?.seed ?? null;
  const [typed, setTyped] = useState<string | null>(null);
  const isLocked = seed !== null;
  return (
    <div className={fieldStyles.row}>
      <label className={fieldStyles.label} htmlFor="write-seed">
        Seed
      </label>
      <span className={styles.seed}>
        <input
          id="write-seed"
          className={fieldStyles.text}
          inputMode="numeric"
          autoComplete="off"
          placeholder={last === null ? 'New each time' : String(last)}
          data-tip="The same seed, text and settings give the same words again; empty draws a new one each time."
          value={typed ?? seed ?? ''}
          onBlur={() => setTyped(null)}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setTyped(text);
            const number = parseNumber(text);
            if (text.trim() === '') onChange(null);
            else if (number !== null && Number.isSafeInteger(number) && number >= 0)
              onChange(number);
          }}
        />
        <IconButton
          icon={Dices}
          label="Draw a seed"
          tip="Draws a seed and keeps it"
          onClick={() => onChange(Math.floor(Math.random() * seeds))}
        />
        <IconButton
          icon={isLocked ? Lock : LockOpen}
          label={isLocked ? 'New seed each time' : 'Keep the last seed'}
          aria-pressed={isLocked}
          disabled={!isLocked && last === null}
          onClick={() => onChange(isLocked ? null : last)}
        />
      </span>
    </div>
  );
}
