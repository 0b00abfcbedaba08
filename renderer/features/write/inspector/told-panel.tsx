/** What the model is told besides the text: a memory, and a note close to the cursor. */
import { BookOpenText } from 'lucide-react';
import type { Project } from '../../../../contract/projects.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import { NumberField } from '../../../ui/number-field.tsx';
import { ContextMeter } from '../context/context-meter.tsx';
import { useContextAt } from '../context/use-context.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { usePatched } from '../session/use-patched.ts';
import { chosenTextModel } from '../writing-desk.ts';
import styles from './inspector.module.css';

interface Told {
  readonly memory: string;
  readonly note: string;
  readonly depth: number;
}

interface ToldPanelProps {
  readonly project: Project;
  readonly session: SceneSession | null;
}

export function ToldPanel({ project, session }: ToldPanelProps) {
  const { desk } = useWindow();
  const { memory, authorsNote } = project;
  const { value, change } = usePatched<Told>(
    { memory, note: authorsNote.text, depth: authorsNote.depth },
    ({ memory: told, note, depth }) =>
      desk.projects.edit((now) => ({
        ...(told === undefined ? {} : { memory: told }),
        authorsNote: {
          text: note ?? now.authorsNote.text,
          depth: depth ?? now.authorsNote.depth,
        },
      })),
  );
  return (
    <div className={styles.group}>
      <h2>What the model is told</h2>
      <label className={styles.told} htmlFor="project-memory">
        Memory
      </label>
      <textarea
        id="project-memory"
        className={styles.synopsis}
        placeholder="Stands before everything: who, where, in which voice"
        rows={5}
        maxLength={1_000_000}
        value={value.memory}
        onChange={(event) => change({ memory: event.currentTarget.value })}
      />
      <label className={styles.told} htmlFor="project-note">
        Author’s note
      </label>
      <textarea
        id="project-note"
        className={styles.synopsis}
        placeholder="Stands close to the cursor, where it weighs most"
        rows={3}
        maxLength={200_000}
        value={value.note}
        onChange={(event) => change({ note: event.currentTarget.value })}
      />
      <NumberField
        label="Paragraphs behind it"
        tip="How many paragraphs stand between the note and the cursor: with few it weighs more, and more is computed anew."
        value={value.depth}
        min={0}
        max={100}
        step={1}
        defaultValue={3}
        onChange={(depth) => change({ depth: Math.min(100, Math.max(0, Math.round(depth))) })}
      />
      {session && <ReadNow session={session} />}
    </div>
  );
}

/** How full the model's context is at the cursor. */
function ReadNow({ session }: { readonly session: SceneSession }) {
  const { desk } = useWindow();
  const { modelId, maxTokens } = useStore(desk.settings);
  const model = chosenTextModel(modelId, useTextModels() ?? []);
  const { built } = useContextAt(session, model?.id ?? null, 'continue', maxTokens);
  if (!built) return null;
  return (
    <>
      <ContextMeter built={built} answerTokens={maxTokens} />
      <Button icon={BookOpenText} onClick={() => desk.dialog.set({ kind: 'context' })}>
        What the model reads
      </Button>
    </>
  );
}
