/** One turn: who says it, what, which of several it is, and what can be done with it. */
import {
  ChevronLeft,
  ChevronRight,
  Columns3,
  Copy,
  CornerUpLeft,
  Pencil,
  RefreshCw,
  ScanSearch,
  StepForward,
} from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import type { ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Markdown } from '../../../ui/markdown.tsx';
import type { TurnActions } from './turn-actions.ts';
import { TurnLens } from './turn-lens.tsx';
import styles from './turn.module.css';

interface TurnProps {
  readonly chat: OpenChat;
  readonly turn: ChatTurn;
  /** Itself among them. */
  readonly siblings: readonly ChatTurn[];
  readonly isLast: boolean;
  /** Where the arrows stand. */
  readonly isCurrent: boolean;
  readonly isEditing: boolean;
  readonly hasLens: boolean;
  readonly actions: TurnActions;
  readonly onFocus: () => void;
  readonly onEdit: (isOn: boolean) => void;
  readonly onLens: () => void;
  readonly onCompare: () => void;
}

export function Turn(props: TurnProps) {
  const { chat, turn, siblings, isLast, isCurrent, isEditing, hasLens, actions } = props;
  const { person, character } = chat.personas;
  const name = turn.role === 'person' ? person : character;
  const isWriting = chat.writing.includes(turn.id);
  return (
    <article
      className={styles.turn}
      data-turn={turn.id}
      data-role={turn.role}
      data-last={isLast ? '' : undefined}
      aria-label={`${name}: ${turn.text.slice(0, 80)}`}
      aria-busy={isWriting}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={(event) => event.target === event.currentTarget && props.onFocus()}
    >
      <div className={styles.name}>{name}</div>
      {isEditing ? (
        <TurnEditor
          turn={turn}
          onDone={(text) => {
            props.onEdit(false);
            if (text !== null) actions.edit(turn, text);
          }}
        />
      ) : (
        <div className={styles.text} data-selectable>
          {hasLens ? (
            <TurnLens
              turn={turn}
              runs={chat.runs}
              onTake={(characters, text) => actions.branch(turn, characters, text)}
              onClose={props.onLens}
            />
          ) : (
            <TurnText text={turn.text.trim()} isWriting={isWriting} />
          )}
        </div>
      )}
      {turn.end === 'failed' && (
        <p className={styles.failed}>The answer broke off. What was written is kept.</p>
      )}
      {!isEditing && !isWriting && (
        <div className={styles.actions} role="toolbar" aria-label={`What to do with this turn`}>
          {siblings.length > 1 && (
            <BranchArrows turn={turn} siblings={siblings} onSelect={actions.select} />
          )}
          {turn.role === 'character' && (
            <>
              {siblings.length > 1 && (
                <IconButton
                  icon={Columns3}
                  label="Side by side"
                  tip="Lays all answers out beside each other"
                  onClick={props.onCompare}
                />
              )}
              <IconButton
                icon={RefreshCw}
                label="Answer again"
                tip="Another answer; this one stays beside it (R)"
                onClick={() => actions.regenerate(turn)}
              />
              <IconButton
                icon={StepForward}
                label="Go on"
                tip="The model goes on with this answer"
                onClick={() => actions.goOn(turn)}
              />
            </>
          )}
          <IconButton
            icon={Pencil}
            label="Edit"
            tip="Changes the words; the old ones stay as a branch (E)"
            onClick={() => props.onEdit(true)}
          />
          <IconButton
            icon={Copy}
            label="Copy"
            tip="Puts the words on the clipboard (C)"
            onClick={() => actions.copy(turn)}
          />
          {turn.role === 'character' && (
            <IconButton
              icon={ScanSearch}
              label="What the model considered"
              tip="Shows each word’s alternatives; taking one goes on from there (L)"
              aria-pressed={hasLens}
              onClick={props.onLens}
            />
          )}
          <IconButton
            icon={CornerUpLeft}
            label="Put into the text"
            tip="Puts the words into the open scene, at its cursor (I)"
            onClick={() => actions.putIntoText(turn)}
          />
        </div>
      )}
    </article>
  );
}

function BranchArrows({
  turn,
  siblings,
  onSelect,
}: Pick<TurnProps, 'turn' | 'siblings'> & { readonly onSelect: (turn: number) => void }) {
  const at = siblings.findIndex(({ id }) => id === turn.id);
  const step = (by: number) => {
    const next = siblings[at + by];
    if (next) onSelect(next.id);
  };
  return (
    <span className={styles.branches} role="group" aria-label="Branches">
      <IconButton
        icon={ChevronLeft}
        label="Earlier branch"
        tip="The one before (←)"
        disabled={at <= 0}
        onClick={() => step(-1)}
      />
      <span>
        {at + 1}/{siblings.length}
      </span>
      <IconButton
        icon={ChevronRight}
        label="Later branch"
        tip="The one after (→)"
        disabled={at >= siblings.length - 1}
        onClick={() => step(1)}
      />
    </span>
  );
}

/** Headings, lists, code or a table: what Markdown is for. Plain prose keeps its line breaks. */
const marked = /(?:^|\n)(?:#{1,4} |[-*] |\d+\. |```|\|)|\*\*[^*\n]+\*\*/;

interface TurnTextProps {
  readonly text: string;
  readonly isWriting: boolean;
}

/** Drawn again only when it changes: a long conversation is drawn with every frame of an answer. */
export const TurnText = memo(function TurnText({ text, isWriting }: TurnTextProps) {
  if (!isWriting && text === '') return <em className={styles.none}>No words came.</em>;
  if (!isWriting && marked.test(text)) return <Markdown text={text} />;
  const paragraphs = text.split(/\n{2,}/);
  return paragraphs.map((paragraph, index) => (
    <p key={index}>
      {paragraph}
      {isWriting && index === paragraphs.length - 1 && <i className={styles.caret} aria-hidden />}
    </p>
  ));
});

function TurnEditor({
  turn,
  onDone,
}: {
  readonly turn: ChatTurn;
  readonly onDone: (text: string | null) => void;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = field.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  const save = () => {
    const text = field.current?.value.trim() ?? '';
    onDone(text === '' || text === turn.text.trim() ? null : text);
  };
  return (
    <div className={styles.editor}>
      <textarea
        ref={field}
        aria-label="Words of this turn"
        defaultValue={turn.text.trim()}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') onDone(null);
          else if (event.key === 'Enter' && !event.shiftKey) save();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <div>
        <span>
          {turn.role === 'person'
            ? 'Answered anew. The old words and answers stay as a branch.'
            : 'The old words stay as a branch.'}
        </span>
        <Button variant="quiet" onClick={() => onDone(null)}>
          Cancel
        </Button>
        <Button variant="primary" onClick={save}>
          {turn.role === 'person' ? 'Say' : 'Save'}
        </Button>
      </div>
    </div>
  );
}
