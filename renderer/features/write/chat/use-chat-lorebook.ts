/** The lorebook of a chat: what came with its card, and what was added. */
import { useMemo } from 'react';
import type { OpenChat } from '../../../../contract/chats.ts';
import { useWindow } from '../../../app/window-model.ts';
import type { Lorebook } from '../lore/lorebook.ts';

export function useChatLorebook({ id, personas: { lore } }: OpenChat): Lorebook {
  const { client, chats, toasts } = useWindow();
  return useMemo(
    () => ({
      entries: lore,
      toldAt: 'answer',
      edit: (change) => {
        const now = chats.chat.get();
        return now?.id === id
          ? toasts.watch(chats.setPersonas(change(now.personas)))
          : Promise.resolve(false);
      },
      triggered: async (text, signal) =>
        (await client['chats.triggeredLore']({ id, text }, { signal })).ids,
      changes: [chats.chat],
      importCard: null,
    }),
    [client, chats, toasts, id, lore],
  );
}
