/** What the model would read for the next answer, built anew when the chat, the project or the draft changes. */
import { useEffect, useState } from 'react';
import type { AnswerPlace, OpenChat } from '../../../../contract/chats.ts';
import { useWindow } from '../../../app/window-model.ts';
import { followContext, noContext, type ContextState } from '../context/use-context.ts';

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
  const [state, setState] = useState(noContext);
  useEffect(() => {
    if (modelId === null) return;
    const stores = [chats.chat, chats.settings, desk.projects.project];
    return followContext(stores, setState, (signal) => {
      const chat = chats.chat.get();
      // What is being written is read when it is there.
      if (!chat || chat.writing.length > 0) return null;
      const wanted = nextAnswer(chat, chats.settings.get().drafts[chat.id] ?? '');
      if (!wanted) {
        setState(noContext);
        return null;
      }
      return client['chats.context'](
        { id: chat.id, ...wanted, modelId, maxTokens: Math.max(1, Math.round(maxTokens)) },
        { signal },
      );
    });
  }, [client, chats, desk, modelId, maxTokens, nextAnswer]);
  return state;
}
