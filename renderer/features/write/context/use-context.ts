/** What the model would read now, built anew when the text or the project changes. */
import { useEffect, useState } from 'react';
import type { BuiltContext, ContextRequest } from '../../../../contract/context.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { useWindow } from '../../../app/window-model.ts';
import { readingOf } from '../co-writer/task-prompts.ts';
import { followChanges } from '../session/follow-changes.ts';
import type { SceneSession } from '../session/scene-session.ts';

const pauseMs = 250;

export interface ContextState {
  /** The last that could be built; null before the first. */
  readonly built: BuiltContext | null;
  readonly problem: string | null;
}

/** @param modelId null builds nothing */
export function useContextAt(
  session: SceneSession,
  modelId: string | null,
  task: ContextRequest['task'],
  maxTokens: number,
): ContextState {
  const { client, desk } = useWindow();
  const [state, setState] = useState<ContextState>({ built: null, problem: null });

  useEffect(() => {
    if (modelId === null) return;
    const { projects, coWriter } = desk;
    const stores = [session.version, projects.project, coWriter.progress];
    return followChanges(stores, pauseMs, async (signal) => {
      if (coWriter.progress.get()?.state === 'writing') return;
      const { doc, selection } = session.state();
      const from = isChange(task) ? selection.from : selection.to;
      try {
        const built = await client['context.build'](
          {
            projectId: session.projectId,
            sceneId: session.sceneId,
            modelId,
            task,
            maxTokens: Math.max(1, Math.round(maxTokens)),
            ...readingOf(doc, from, selection.to),
          },
          { signal },
        );
        if (!signal.aborted) setState({ built, problem: null });
      } catch (error) {
        if (signal.aborted) return;
        setState(({ built }) => ({ built, problem: StudioError.from(error).message }));
      }
    });
  }, [client, desk, session, modelId, task, maxTokens]);

  return state;
}

const isChange = (task: ContextRequest['task']): boolean =>
  task !== 'continue' && task !== 'fill' && task !== 'chat';
