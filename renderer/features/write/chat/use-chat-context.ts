/** What the model would read for the next answer, built anew when the chat, the project or the draft changes. */
import { useEffect, useState } from 'react';
import type { AnswerPlace, OpenChat } from '../../../../contract/chats.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { useWindow } from '../../../app/window-model.ts';
import type { ContextState } from '../context/use-context.ts';
import { followChanges } from '../session/follow-changes.ts';

const pauseMs = 250;

export interface NextAnswer {
  readonly place: AnswerPlace;
  /** What the person would say first; empty where nothing. */
  readonly said: string;
}

/** @param nextAnswer asked for when it is built; null builds nothing, as `modelId` does */
export function useChatContext(
  modelId: string | null,
  maxTokens: number,
  nextAnswer: (chat: OpenChat, draft: string) => NextAnswer | null,
): ContextState {
  const { client, chats, desk } = useWindow();
  const [state, setState] = useState<ContextState>({ built: null, problem: null });
  useEffect(() => {
    if (modelId === null) return;
    const stores = [chats.chat, chats.settings, desk.projects.project];
    return followChanges(stores, pauseMs, async (signal) => {
      const chat = chats.chat.get();
      // What is being written is read when it is there.
      if (!chat || chat.writing.length > 0) return;
      const wanted = nextAnswer(chat, chats.settings.get().drafts[chat.id] ?? '');
      if (!wanted) return setState({ built: null, problem: null });
      try {
        const built = await client['chats.context'](
          { id: chat.id, ...wanted, modelId, maxTokens: Math.max(1, Math.round(maxTokens)) },
          { signal },
        );
        if (!signal.aborted) setState({ built, problem: null });
      } catch (error) {
        if (signal.aborted) return;
        setState(({ built }) => ({ built, problem: StudioError.from(error).message }));
      }
    });
  }, [client, chats, desk, modelId, maxTokens, nextAnswer]);
  return state;
}
