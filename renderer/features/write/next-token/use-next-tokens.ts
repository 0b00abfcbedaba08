/** What may come next at the cursor, read anew when the text changes, reckoned anew when a sampler does. */
import { useEffect, useState } from 'react';
import type { BuiltContext } from '../../../../contract/context.ts';
import type { TextModel } from '../../../../contract/models.ts';
import type { NextTokens } from '../../../../contract/reading.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { SamplingSettings } from '../../../../contract/write.ts';
import { useWindow } from '../../../app/window-model.ts';
import { useContextAt } from '../context/use-context.ts';
import type { SceneSession } from '../session/scene-session.ts';

const pauseMs = 80;

export interface NextTokensState {
  /** The last that were told; null before the first. */
  readonly told: NextTokens | null;
  /** The text or the samplers have changed since. */
  readonly isStale: boolean;
  readonly problem: string | null;
}

interface Answer extends Pick<NextTokensState, 'told' | 'problem'> {
  /** What `told` was asked of. */
  readonly of: { readonly built: BuiltContext; readonly sampling: SamplingSettings } | null;
}

/** @param sampling the same object as long as it is the same */
export function useNextTokens(
  session: SceneSession,
  model: TextModel,
  sampling: SamplingSettings,
  maxTokens: number,
): NextTokensState {
  const { client } = useWindow();
  const context = useContextAt(session, model.id, 'continue', maxTokens);
  const { built } = context;
  const [state, setState] = useState<Answer>({ told: null, problem: null, of: null });

  useEffect(() => {
    if (!built) return;
    const controller = new AbortController();
    const { signal } = controller;
    const read = async () => {
      try {
        const { text, messages } = built;
        const told = await client['write.nextTokens'](
          {
            modelId: model.id,
            ...(messages ? { messages } : { prompt: text }),
            maxTokens: Math.max(1, Math.round(maxTokens)),
            sampling,
          },
          { signal },
        );
        if (!signal.aborted) setState({ told, problem: null, of: { built, sampling } });
      } catch (error) {
        if (signal.aborted) return;
        setState((now) => ({ ...now, problem: StudioError.from(error).message }));
      }
    };
    const timer = setTimeout(() => void read(), pauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [client, built, model.id, sampling, maxTokens]);

  const isStale = state.of?.built !== built || state.of?.sampling !== sampling;
  return { told: state.told, isStale, problem: context.problem ?? state.problem };
}
