/** Where the person speaks: grows with the words; Enter says them. */
import { ArrowUp, CircleStop } from 'lucide-react';
import type { RefObject } from 'react';
import type { OpenChat } from '../../../../contract/chats.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import { formatCount, formatDuration, formatRate } from '../../../ui/format.ts';
import { chosenTextModel } from '../writing-desk.ts';
import type { AnswerProgress } from './answering.ts';
import styles from './composer.module.css';

interface ComposerProps {
  readonly chat: OpenChat | null;
  readonly ref: RefObject<HTMLTextAreaElement | null>;
}

export function Composer({ chat, ref }: ComposerProps) {
  const { chats, desk, toasts, open: openScreen } = useWindow();
  const { drafts } = useStore(chats.settings);
  const progress = useStore(chats.progress);
  const { modelId } = useStore(desk.settings);
  const model = chosenTextModel(modelId, useTextModels() ?? []);
  const key = chat?.id ?? '';
  const draft = drafts[key] ?? '';
  const isWriting = progress !== null && progress.state !== 'ended';
  const type = (text: string) =>
    chats.settings.set((now) => {
      const { [key]: _said, ...rest } = now.drafts;
      return { ...now, drafts: text === '' ? rest : { ...rest, [key]: text } };
    });

  const say = () => {
    const text = draft.trim();
    if (model === null) return;
    if (text === '') {
      // A turn that was not answered yet is answered now.
      const last = chat?.turns[chat.leaf ?? -1];
      if (last?.role === 'person' && !isWriting)
        void chats.answer({ kind: 'below', parent: last.id });
      return;
    }
    type('');
    void toasts.watch(chats.say(text)).then((isSaid) => {
      if (!isSaid) type(text);
    });
  };

  return (
    <div className={styles.composer}>
      <div className={styles.box}>
        <textarea
          ref={ref}
          rows={1}
          aria-label={`Say something to ${chat?.personas.character ?? 'the model'}`}
          placeholder={`Say something to ${chat?.personas.character ?? 'the model'}`}
          value={draft}
          autoFocus
          onChange={(event) => type(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
              event.preventDefault();
              say();
            } else if (event.key === 'ArrowUp' && draft === '') {
              const turns = document.querySelectorAll<HTMLElement>('[data-turn]');
              const last = turns[turns.length - 1];
              if (!last) return;
              event.preventDefault();
              last.focus();
            }
          }}
        />
        {isWriting ? (
          <IconButton
            icon={CircleStop}
            variant="plain"
            className={styles.send ?? ''}
            label="Stop"
            tip="Stops here and keeps what was written (Esc)"
            onClick={() => chats.stop()}
          />
        ) : (
          <IconButton
            icon={ArrowUp}
            variant="plain"
            className={styles.send ?? ''}
            label="Say"
            tip="Says it, and the model answers (Enter)"
            data-ready={draft.trim() === '' ? undefined : ''}
            disabled={model === null}
            onClick={say}
          />
        )}
      </div>
      <p className={styles.note} role="status">
        {model === null ? (
          <button type="button" onClick={() => openScreen('models')}>
            No text model is installed: open Models
          </button>
        ) : progress ? (
          noteOf(progress)
        ) : (
          `${model.name} · Enter says it, Shift+Enter begins a line`
        )}
      </p>
    </div>
  );
}

/** What concerns the words comes first: a narrow window cuts the end off. */
function noteOf(run: AnswerProgress): string {
  const { tokensPerSecond, startedAtMs, endedAtMs } = run;
  const parts = [
    // While it writes, the status line has its figures.
    endedAtMs === null ? 'Esc stops and keeps what was written' : wordsOf(run),
    ...(run.droppedTurns > 0
      ? [`${formatCount(run.droppedTurns, 'first turn', 'first turns')} out of the model’s reach`]
      : run.droppedTokens > 0
        ? [
            `the first ${formatCount(run.droppedTokens, 'token', 'tokens')} out of the model’s reach`,
          ]
        : []),
    ...run.cut
      .filter(({ source }) => source !== 'turns')
      .map(({ label }) => `no room for “${label}”`),
    ...(endedAtMs !== null && tokensPerSecond !== null
      ? [formatRate(tokensPerSecond, 'tokens'), formatDuration(endedAtMs - startedAtMs)]
      : []),
  ];
  return parts.join(' · ');
}

function wordsOf({ tokens, end }: AnswerProgress): string {
  const count = formatCount(tokens, 'token', 'tokens');
  switch (end) {
    case 'stopped':
      return `Stopped after ${count}`;
    case 'failed':
      return 'The answer broke off; what was written is kept';
    case 'context-full':
      return `The model’s memory is full after ${count}`;
    case 'max-tokens':
      return `${count}, as many as you allow; it can go on`;
    case 'end-of-text':
    case 'stop-string':
    case null:
      return count;
    default:
      return end satisfies never;
  }
}
