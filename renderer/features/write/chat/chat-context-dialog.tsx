/** What the model will read for the next answer of the chat. */
import { useCallback, useState } from 'react';
import type { OpenChat } from '../../../../contract/chats.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { Segments } from '../../../ui/field.tsx';
import { ContextView } from '../context/context-view.tsx';
import contextStyles from '../context/context.module.css';
import { chosenTextModel } from '../writing-desk.ts';
import { nextAnswers, type NextAnswerKind } from './next-answers.ts';
import { useChatContext } from './use-chat-context.ts';

const titles: Readonly<Record<NextAnswerKind, string>> = {
  say: 'Answer what you typed',
  answer: 'Answer',
  continue: 'Go on',
  again: 'Answer again',
};

interface ChatContextDialogProps {
  readonly chat: OpenChat;
  readonly onClose: () => void;
}

export function ChatContextDialog({ chat, onClose }: ChatContextDialogProps) {
  const { chats, desk } = useWindow();
  const { modelId, maxTokens } = useStore(desk.settings);
  const { drafts } = useStore(chats.settings);
  const model = chosenTextModel(modelId, useTextModels() ?? []);
  const [wanted, setWanted] = useState<NextAnswerKind | null>(null);
  const choose = useCallback(
    (now: OpenChat, draft: string) => {
      const all = nextAnswers(now, draft);
      return all.find(({ kind }) => kind === wanted) ?? all[0] ?? null;
    },
    [wanted],
  );
  const next = useCallback(
    (now: OpenChat, draft: string) => {
      const chosen = choose(now, draft);
      return chosen && { place: chosen.place, said: chosen.said };
    },
    [choose],
  );
  const { built, problem } = useChatContext(model?.id ?? null, maxTokens, next);
  const draft = drafts[chat.id] ?? '';
  const kinds = nextAnswers(chat, draft).map(({ kind }) => kind);
  const chosen = choose(chat, draft);

  return (
    <Dialog label="What the model reads" shape="wide" onClose={onClose}>
      <div className={contextStyles.head}>
        {chosen && (
          <Segments<NextAnswerKind>
            label="For which answer"
            tip="What you are about to say is read with the rest; another answer does not read the one that is there; going on reads it too."
            value={chosen.kind}
            options={kinds.map((kind) => ({ value: kind, label: titles[kind] }))}
            onChange={setWanted}
          />
        )}
        {model && <span className={contextStyles.model}>{model.name}</span>}
      </div>
      {model === null ? (
        <p className={contextStyles.hint}>No text model is installed: nothing is read.</p>
      ) : problem !== null ? (
        <p className={contextStyles.problem} role="alert">
          {problem}
        </p>
      ) : chosen === null ? (
        <p className={contextStyles.hint}>
          Nothing yet: type what you want to say, and you see here what the model makes of it.
        </p>
      ) : (
        built && (
          <ContextView
            modelId={model.id}
            built={built}
            answerTokens={maxTokens}
            emptyHint="Nothing is told to the model yet."
          />
        )
      )}
    </Dialog>
  );
}
