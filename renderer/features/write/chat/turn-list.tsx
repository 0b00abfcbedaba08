/**
 * The turns of the branch that is shown, walked by arrows; it follows what is written at its end.
 *
 * Promises: of a long conversation the turns in sight alone are laid out, and those that hold the focus, an
 * editor or a lens; the arrows, the ends and the search reach every turn all the same.
 */
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type RefObject,
} from 'react';
import { flushSync } from 'react-dom';
import type { ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import { useStore } from '../../../app/store.ts';
import { useShortcut } from '../../../app/use-shortcut.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import { BranchColumns } from './branch-columns.tsx';
import { FindInChat } from './find-in-chat.tsx';
import { markFound, showFound, type FoundWords } from './found-words.ts';
import type { TurnActions } from './turn-actions.ts';
import { Turn } from './turn.tsx';
import styles from './conversation.module.css';

interface TurnListProps {
  readonly chat: OpenChat;
  /** At least one. */
  readonly path: readonly ChatTurn[];
  readonly actions: TurnActions;
  readonly composer: RefObject<HTMLTextAreaElement | null>;
}

/** Nearer to its end than this, the conversation follows what comes. */
const followPx = 80;
const overscanTurns = 4;
const layoutMs = 100;
const charactersPerLine = 84;
const linePx = 26;
/** The name and the row of buttons. */
const aroundTextPx = 54;

export function TurnList({ chat, path, actions, composer }: TurnListProps) {
  const { chats, desk } = useWindow();
  const progress = useStore(chats.progress);
  const { typeface } = useStore(desk.settings);
  const [focused, setFocused] = useState<number | null>(null);
  const [editing, setEditing] = useState<number | null>(null);
  const [lens, setLens] = useState<number | null>(null);
  /** The parent whose answers are laid out side by side. */
  const [compared, setCompared] = useState<number | null | undefined>(undefined);
  const [isFinding, setIsFinding] = useState(false);
  const [found, setFound] = useState<FoundWords | null>(null);
  const [isAway, setIsAway] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useRef(path);
  const last = path.at(-1);
  const current = path.find(({ id }) => id === focused) ?? last;

  const pinned = path.flatMap(({ id, parent }, index) =>
    [current?.id, editing, lens, last?.id].includes(id) || parent === compared ? [index] : [],
  );
  const heightOf = (index: number) => estimatedHeightPx(path[index]);
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count: path.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => path[index]?.id ?? index, [path]),
    estimateSize: heightOf,
    // A conversation is opened at its end.
    initialOffset: () =>
      path.reduce((sum, turn) => sum + estimatedHeightPx(turn), 0) - window.innerHeight,
    initialRect: { width: 0, height: window.innerHeight },
    overscan: overscanTurns,
    gap: 8,
    paddingStart: 16,
    paddingEnd: 32,
    scrollPaddingStart: 16,
    scrollPaddingEnd: 32,
    anchorTo: 'end',
    scrollEndThreshold: followPx,
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), ...pinned])].sort((a, b) => a - b),
  });

  // What is said, and what begins to be written, is looked at, wherever one was.
  const isWriting = chat.writing.length > 0;
  const turnsMade = chat.turns.length;
  useLayoutEffect(() => virtual.scrollToEnd(), [virtual, turnsMade]);
  useLayoutEffect(() => {
    if (isWriting) virtual.scrollToEnd();
  }, [virtual, isWriting]);
  useLayoutEffect(() => {
    shown.current = path;
  });
  useEffect(() => {
    const frame = scroller.current;
    if (!frame) return;
    // A window that becomes lower still shows what is worked on in it, or else the end.
    let height = frame.clientHeight;
    const observer = new ResizeObserver(() => {
      const lowered = height - frame.clientHeight;
      height = frame.clientHeight;
      const held = document.activeElement;
      if (held && frame.contains(held)) held.scrollIntoView({ block: 'nearest' });
      else if (virtual.isAtEnd(followPx + Math.max(0, lowered))) virtual.scrollToEnd();
    });
    observer.observe(frame);
    return () => observer.disconnect();
  }, [virtual]);
  useLayoutEffect(() => (scroller.current ? markFound(scroller.current, found) : undefined));

  useEffect(() => {
    if (!found?.at) return undefined;
    // A long turn may be higher than the window, and is laid out first.
    const timer = setTimeout(
      () => scroller.current && showFound(scroller.current, found),
      layoutMs,
    );
    return () => clearTimeout(timer);
  }, [found]);

  // Several answers that are asked for at once are shown beside each other.
  const several = progress && progress.turns.length > 1 ? (progress.turns[0] ?? null) : null;
  const [seenSeveral, setSeenSeveral] = useState(several);
  if (several !== seenSeveral) {
    setSeenSeveral(several);
    if (several !== null) setCompared(chat.turns[several]?.parent ?? null);
  }
  const siblings = useMemo(() => Map.groupBy(chat.turns, ({ parent }) => parent), [chat.turns]);

  const focusTurn = (id: number) => {
    // From now on it is laid out, however far away it is.
    flushSync(() => setFocused(id));
    const index = shown.current.findIndex((turn) => turn.id === id);
    const frame = scroller.current;
    if (index < 0 || !frame) return;
    const height = virtual.measurementsCache[index]?.size ?? 0;
    virtual.scrollToIndex(index, { align: height > frame.clientHeight ? 'start' : 'auto' });
    frame.querySelector<HTMLElement>(`[data-turn="${id}"]`)?.focus({ preventScroll: true });
  };
  const step = (by: -1 | 1) => {
    const at = path.findIndex(({ id }) => id === current?.id);
    const next = path[at + by];
    if (next) focusTurn(next.id);
    else if (by === 1) composer.current?.focus();
  };
  const toEnd = (end: 0 | -1) => {
    const turn = path.at(end);
    if (!turn || !scroller.current?.contains(document.activeElement)) return false;
    focusTurn(turn.id);
    return true;
  };
  const turnBranch = (by: -1 | 1): boolean => {
    if (!current) return false;
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
  useShortcut('chat.first', () => toEnd(0));
  useShortcut('chat.last', () => toEnd(-1));
  useShortcut('chat.find', () => setIsFinding(true));

  return (
    <div className={styles.middle}>
      <div
        ref={scroller}
        className={styles.scroller}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setIsAway(scrollHeight - scrollTop - clientHeight > clientHeight)
        }
      >
        <ol
          className={styles.turns}
          data-typeface={typeface}
          aria-label="Conversation"
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={(event) => {
            if (!(event.target instanceof HTMLElement) || !event.target.dataset['turn']) return;
            if (event.key === 'ArrowUp') step(-1);
            else if (event.key === 'ArrowDown') step(1);
            else if (event.key === 'Escape' && !chats.stop()) composer.current?.focus();
            else return;
            event.preventDefault();
          }}
        >
          {virtual.getVirtualItems().map(({ index, start }) => {
            const turn = path[index];
            if (!turn) return null;
            const beside = siblings.get(turn.parent) ?? [turn];
            return (
              <li
                key={turn.id}
                ref={virtual.measureElement}
                data-index={index}
                className={styles.place}
                style={{ transform: `translateY(${start}px)` }}
                aria-setsize={path.length}
                aria-posinset={index + 1}
              >
                {compared === turn.parent && beside.length > 1 && turn.role === 'character' ? (
                  <BranchColumns
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
                ) : (
                  <Turn
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
                )}
              </li>
            );
          })}
        </ol>
      </div>
      {isFinding && (
        <FindInChat
          path={path}
          onShow={(words) => {
            setFound(words);
            if (words?.at) virtual.scrollToIndex(words.at.turn, { align: 'center' });
          }}
          onClose={(turn) => {
            setIsFinding(false);
            setFound(null);
            if (turn === null) composer.current?.focus();
            else focusTurn(turn);
          }}
        />
      )}
      {isAway && (
        <IconButton
          icon={ArrowDown}
          variant="plain"
          className={styles.toEnd ?? ''}
          label="To the end"
          tip="Shows the last turn (End, on a turn)"
          onClick={() => {
            virtual.scrollToEnd();
            composer.current?.focus();
          }}
        />
      )}
    </div>
  );
}

function estimatedHeightPx(turn: ChatTurn | undefined): number {
  return aroundTextPx + linePx * Math.ceil((turn?.text.length ?? 0) / charactersPerLine);
}
