/** What the model would read now, built anew when the text or the project changes. */
import { useEffect, useState, type Dispatch, type SetStateAction } from 'react';
import type { BuiltContext, ContextRequest } from '../../../../contract/context.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { useWindow } from '../../../app/window-model.ts';
import { readingOf } from '../co-writer/task-prompts.ts';
import { followChanges } from '../session/follow-changes.ts';
import type { SceneSession } from '../session/scene-session.ts';

const pauseMs = 250;

/** Nothing is built, and nothing is wrong. */
export const noContext: ContextState = { built: null, problem: null };

/**
 * Builds a context a moment after any of the stores changed, and shows what came of it.
 * @param build null leaves what is shown as it is
 * @returns ends it
 */
export function followContext(
  stores: Parameters<typeof followChanges>[0],
  show: Dispatch<SetStateAction<ContextState>>,
  build: (signal: AbortSignal) => Promise<BuiltContext> | null,
): () => void {
  return followChanges(stores, pauseMs, async (signal) => {
    try {
      const built = await build(signal);
      if (built && !signal.aborted) show({ built, problem: null });
    } catch (error) {
      if (signal.aborted) return;
      show(({ built }) => ({ built, problem: StudioError.from(error).message }));
    }
  });
}

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
  const [state, setState] = useState(noContext);

  useEffect(() => {
    if (modelId === null) return;
    const { projects, coWriter } = desk;
    const stores = [session.version, projects.project, coWriter.progress];
    return followContext(stores, setState, (signal) => {
      if (coWriter.progress.get()?.state === 'writing') return null;
      const { doc, selection } = session.state();
      const from = isChange(task) ? selection.from : selection.to;
      return client['context.build'](
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
    });
  }, [client, desk, session, modelId, task, maxTokens]);

  return state;
}

const isChange = (task: ContextRequest['task']): boolean =>
  task !== 'continue' && task !== 'fill' && task !== 'chat';
