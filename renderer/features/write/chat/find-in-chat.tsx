/** Find in the branch that is shown: the browser's own search would see only the turns that are laid out. */
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ChatTurn } from '../../../../contract/chats.ts';
import { IconButton } from '../../../ui/button.tsx';
import fieldStyles from '../../../ui/field.module.css';
import barStyles from '../page/find-bar.module.css';
import { findInTurns, wordsPattern, type FoundWords } from './found-words.ts';

interface FindInChatProps {
  readonly path: readonly ChatTurn[];
  readonly onShow: (words: FoundWords | null) => void;
  /** @param turn where one was; null before anything was gone to */
  readonly onClose: (turn: number | null) => void;
}

export function FindInChat({ path, onShow, onClose }: FindInChatProps) {
  const [text, setText] = useState('');
  const [at, setAt] = useState<number | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const pattern = useMemo(() => (text === '' ? null : wordsPattern(text)), [text]);
  const places = useMemo(() => (pattern ? findInTurns(path, pattern) : []), [path, pattern]);

  const type = (typed: string) => {
    setText(typed);
    setAt(null);
    onShow(typed === '' ? null : { pattern: wordsPattern(typed), at: null });
  };
  const step = (by: -1 | 1) => {
    if (!pattern || places.length === 0) return;
    // What was said last is looked for first.
    const next = at === null ? places.length - 1 : (at + by + places.length) % places.length;
    setAt(next);
    onShow({ pattern, at: places[next] ?? null });
  };
  const close = () => {
    const turn = at === null ? undefined : places[at]?.turn;
    onClose(turn === undefined ? null : (path[turn]?.id ?? null));
  };
  return (
    <div
      role="search"
      aria-label="Find in the chat"
      className={barStyles.bar}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
        else if (event.key === 'Enter' && event.target === field.current)
          step(event.shiftKey ? 1 : -1);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <div className={barStyles.line}>
        <input
          ref={field}
          className={fieldStyles.text}
          aria-label="Find"
          placeholder="Find"
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
        />
        <span className={barStyles.count} role="status">
          {text === ''
            ? ''
            : at === null
              ? `${places.length.toLocaleString('en')} here`
              : `${(at + 1).toLocaleString('en')} of ${places.length.toLocaleString('en')}`}
        </span>
        <IconButton
          icon={ChevronUp}
          label="Earlier"
          tip="The one before (Enter)"
          disabled={places.length === 0}
          onClick={() => step(-1)}
        />
        <IconButton
          icon={ChevronDown}
          label="Later"
          tip="The one after (Shift+Enter)"
          disabled={places.length === 0}
          onClick={() => step(1)}
        />
        <IconButton icon={X} label="Close" onClick={close} />
      </div>
    </div>
  );
}
