/** What the model will read at the cursor. */
import { useState } from 'react';
import type { ContextRequest } from '../../../../contract/context.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { Segments } from '../../../ui/field.tsx';
import type { SceneSession } from '../session/scene-session.ts';
import { chosenTextModel } from '../writing-desk.ts';
import { ContextView } from './context-view.tsx';
import { useContextAt } from './use-context.ts';
import styles from './context.module.css';

type Task = Extract<ContextRequest['task'], 'continue' | 'fill' | 'rewrite'>;

interface ContextDialogProps {
  readonly session: SceneSession;
  readonly onClose: () => void;
}

export function ContextDialog({ session, onClose }: ContextDialogProps) {
  const { desk } = useWindow();
  const settings = useStore(desk.settings);
  const model = chosenTextModel(settings.modelId, useTextModels() ?? []);
  const [task, setTask] = useState<Task>('continue');
  const { built, problem } = useContextAt(session, model?.id ?? null, task, settings.maxTokens);
  const hasSelection = !session.state().selection.empty;

  return (
    <Dialog label="What the model reads" shape="wide" onClose={onClose}>
      <div className={styles.head}>
        <Segments<Task>
          label="For which task"
          tip="A continuation reads up to the cursor; filling in also reads what comes later; a change reads the selected passage."
          value={task}
          options={[
            { value: 'continue', label: 'Continue' },
            { value: 'fill', label: 'Fill in' },
            ...(hasSelection
              ? [{ value: 'rewrite' as const, label: 'Rewrite the selection' }]
              : []),
          ]}
          onChange={setTask}
        />
        {model && <span className={styles.model}>{model.name}</span>}
      </div>
      {model === null ? (
        <p className={styles.hint}>No text model is installed: nothing is read.</p>
      ) : problem !== null ? (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      ) : (
        built && (
          <ContextView
            modelId={model.id}
            built={built}
            answerTokens={settings.maxTokens}
            emptyHint="Nothing yet: the page is empty before the cursor."
          />
        )
      )}
    </Dialog>
  );
}
