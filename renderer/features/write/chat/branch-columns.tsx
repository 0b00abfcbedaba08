/** All answers to one turn beside each other; one is taken, the others stay as branches. */
import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import { IconButton } from '../../../ui/button.tsx';
import { TurnText } from './turn.tsx';
import styles from './branch-columns.module.css';

interface BranchColumnsProps {
  readonly chat: OpenChat;
  readonly siblings: readonly ChatTurn[];
  readonly shown: number;
  readonly onChoose: (turn: number) => void;
  readonly onClose: () => void;
}

export function BranchColumns({ chat, siblings, shown, onChoose, onClose }: BranchColumnsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      siblings.findIndex(({ id }) => id === shown),
    ),
  );
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    box.current?.scrollIntoView({ block: 'end' });
  }, []);
  useEffect(() => {
    const answer = box.current?.children[at];
    if (!answer || !box.current) return;
    // Sideways only: the answers grow while one reads.
    const { left, right } = answer.getBoundingClientRect();
    const frame = box.current.getBoundingClientRect();
    if (left < frame.left) box.current.scrollLeft -= frame.left - left;
    else if (right > frame.right) box.current.scrollLeft += right - frame.right;
  }, [at]);
  return (
    <div className={styles.columns}>
      <div className={styles.head}>
        <span>{siblings.length} answers · ← → choose · ↵ take · the others stay as branches</span>
        <IconButton
          icon={X}
          label="Back to one answer"
          tip="Shows one again (Esc)"
          onClick={onClose}
        />
      </div>
      <div
        ref={box}
        className={styles.answers}
        role="listbox"
        aria-label="Answers"
        aria-orientation="horizontal"
        aria-activedescendant={`answer-${siblings[at]?.id}`}
        tabIndex={0}
        onKeyDown={(event) => {
          const turn = siblings[at];
          if (event.key === 'ArrowLeft') setAt(Math.max(0, at - 1));
          else if (event.key === 'ArrowRight') setAt(Math.min(siblings.length - 1, at + 1));
          else if (event.key === 'Enter' && turn) onChoose(turn.id);
          else if (event.key === 'Escape' && chat.writing.length === 0) onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {siblings.map((turn, index) => (
          <div
            key={turn.id}
            id={`answer-${turn.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={styles.answer}
            onPointerEnter={() => setAt(index)}
            onClick={() => onChoose(turn.id)}
          >
            {turn.text === '' && chat.writing.includes(turn.id) ? (
              <em>Waits for its turn</em>
            ) : (
              <TurnText text={turn.text.trim()} isWriting={chat.writing.includes(turn.id)} />
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
