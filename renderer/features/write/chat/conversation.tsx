/** The turns of the branch that is shown, walked by arrows; it follows what is written at its end. */
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useShortcut } from '../../../app/use-shortcut.ts';
import { useWindow } from '../../../app/window-model.ts';
import { chosenTextModel } from '../writing-desk.ts';
import { BranchColumns } from './branch-columns.tsx';
import type { TurnActions } from './turn-actions.ts';
import { Turn } from './turn.tsx';
import styles from './conversation.module.css';

interface ConversationProps {
  readonly chat: OpenChat | null;
  readonly path: readonly ChatTurn[];
  readonly actions: TurnActions;
  readonly composer: RefObject<HTMLTextAreaElement | null>;
}

/** Nearer to its end than this, the conversation follows what comes. */
const followPx = 80;

export function Conversation({ chat, path, actions, composer }: ConversationProps) {
  const { chats, desk } = useWindow();
  const progress = useStore(chats.progress);
  const { typeface } = useStore(desk.settings);
  const [focused, setFocused] = useState<number | null>(null);
  const [editing, setEditing] = useState<number | null>(null);
  const [lens, setLens] = useState<number | null>(null);
  /** The parent whose answers are laid out side by side. */
  const [compared, setCompared] = useState<number | null | undefined>(undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const followed = useRef('');
  const last = path.at(-1);
  const current = path.find(({ id }) => id === focused) ?? last;

  const place = `${chat?.id} ${last?.id}`;
  useLayoutEffect(() => {
    const frame = scroller.current;
    if (followed.current !== place) {
      followed.current = place;
      follows.current = true;
    }
    if (frame && follows.current) frame.scrollTop = frame.scrollHeight;
  });
  const attach = useCallback((frame: HTMLDivElement | null) => {
    scroller.current = frame;
    if (!frame) return;
    // A window that becomes lower still shows the end.
    const observer = new ResizeObserver(() => {
      if (follows.current) frame.scrollTop = frame.scrollHeight;
    });
    observer.observe(frame);
    return () => observer.disconnect();
  }, []);

  // Several answers that are asked for at once are shown beside each other.
  const several = progress && progress.turns.length > 1 ? (progress.turns[0] ?? null) : null;
  const [seenSeveral, setSeenSeveral] = useState(several);
  if (several !== seenSeveral) {
    setSeenSeveral(several);
    if (several !== null && chat) setCompared(chat.turns[several]?.parent ?? null);
  }
  const siblings = useMemo(
    () => Map.groupBy(chat?.turns ?? [], ({ parent }) => parent),
    [chat?.turns],
  );

  const focusTurn = (id: number | undefined) => {
    if (id === undefined) return;
    setFocused(id);
    scroller.current?.querySelector<HTMLElement>(`[data-turn="${id}"]`)?.focus();
  };
  const step = (by: -1 | 1) => {
    const at = path.findIndex(({ id }) => id === current?.id);
    const next = path[at + by];
    if (next) focusTurn(next.id);
    else if (by === 1) composer.current?.focus();
  };
  const turnBranch = (by: -1 | 1): boolean => {
    if (!chat || !current) return false;
    const all = siblings.get(current.parent) ?? [];
    const next = all[all.findIndex(({ id }) => id === current.id) + by];
    if (!next) return false;
    actions.select(next.id);
    // The turn that takes its place has not been drawn yet.
    requestAnimationFrame(() => focusTurn(next.id));
    return true;
  };
  const withCurrent = (action: (turn: ChatTurn) => void, role?: ChatTurn['role']) => () => {
    if (!current || (role && current.role !== role) || editing !== null) return false;
    action(current);
    return true;
  };
  useShortcut(
    'chat.edit',
    withCurrent(({ id }) => setEditing(id)),
  );
  useShortcut('chat.regenerate', withCurrent(actions.regenerate, 'character'));
  useShortcut('chat.copy', withCurrent(actions.copy));
  useShortcut('chat.putIntoText', withCurrent(actions.putIntoText));
  useShortcut(
    'chat.lens',
    withCurrent(({ id }) => setLens((now) => (now === id ? null : id)), 'character'),
  );
  useShortcut('chat.previous', () => turnBranch(-1));
  useShortcut('chat.next', () => turnBranch(1));

  if (!chat || path.length === 0) return <Beginnings chat={chat} />;
  return (
    <div
      ref={attach}
      className={styles.scroller}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < followPx;
      }}
    >
      <ol
        className={styles.turns}
        data-typeface={typeface}
        aria-label="Conversation"
        onKeyDown={(event) => {
          if (!(event.target instanceof HTMLElement) || !event.target.dataset['turn']) return;
          if (event.key === 'ArrowUp') step(-1);
          else if (event.key === 'ArrowDown') step(1);
          else if (event.key === 'Escape' && !chats.stop()) composer.current?.focus();
          else return;
          event.preventDefault();
        }}
      >
        {path.map((turn) => {
          const beside = siblings.get(turn.parent) ?? [turn];
          if (compared === turn.parent && beside.length > 1 && turn.role === 'character') {
            return (
              <BranchColumns
                key={`columns ${turn.parent}`}
                chat={chat}
                siblings={beside}
                shown={turn.id}
                onChoose={(id) => {
                  setCompared(undefined);
                  actions.select(id);
                  requestAnimationFrame(() => focusTurn(id));
                }}
                onClose={() => {
                  setCompared(undefined);
                  composer.current?.focus();
                }}
              />
            );
          }
          return (
            <Turn
              key={turn.id}
              chat={chat}
              turn={turn}
              siblings={beside}
              isLast={turn === last}
              isCurrent={turn.id === current?.id}
              isEditing={editing === turn.id}
              hasLens={lens === turn.id}
              actions={actions}
              onFocus={() => setFocused(turn.id)}
              onEdit={(isOn) => {
                setEditing(isOn ? turn.id : null);
                if (!isOn) requestAnimationFrame(() => focusTurn(turn.id));
              }}
              onLens={() => setLens(lens === turn.id ? null : turn.id)}
              onCompare={() => setCompared(turn.parent)}
            />
          );
        })}
      </ol>
    </div>
  );
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
