/** A conversation, or the beginnings of one. */
import type { RefObject } from 'react';
import type { ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { chosenTextModel } from '../writing-desk.ts';
import type { TurnActions } from './turn-actions.ts';
import { TurnList } from './turn-list.tsx';
import styles from './conversation.module.css';

interface ConversationProps {
  readonly chat: OpenChat | null;
  readonly path: readonly ChatTurn[];
  readonly actions: TurnActions;
  readonly composer: RefObject<HTMLTextAreaElement | null>;
}

export function Conversation({ chat, path, actions, composer }: ConversationProps) {
  if (!chat || path.length === 0) return <Beginnings chat={chat} />;
  return <TurnList key={chat.id} chat={chat} path={path} actions={actions} composer={composer} />;
}

/** In an empty chat: one thing to do, and words to do it with. */
function Beginnings({ chat }: { readonly chat: OpenChat | null }) {
  const { chats, desk, toasts } = useWindow();
  const { modelId } = useStore(desk.settings);
  const model = chosenTextModel(modelId, useTextModels() ?? []);
  const name = chat?.personas.character ?? 'the model';
  return (
    <div className={styles.beginnings}>
      <h3>Say something to {name}</h3>
      <p>
        It answers on this machine. You can change any turn afterwards: what it was stays as a
        branch.
      </p>
      <div>
        {['Tell me a story about a lighthouse.', ...(model?.examplePrompts ?? [])]
          .slice(0, 3)
          .map((start) => (
            <button key={start} type="button" onClick={() => void toasts.watch(chats.say(start))}>
              {start}
            </button>
          ))}
      </div>
    </div>
  );
}
