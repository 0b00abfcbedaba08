/** What waits for a decision, beside the page: a proposed change, or several ways to go on. */
import { Check, RefreshCw, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useWindow } from '../../../app/window-model.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import type { Offer } from '../co-writer/alternatives.ts';
import type { Proposal } from '../co-writer/proposals.ts';
import { changeOrder } from '../co-writer/task-prompts.ts';
import { wordDifference, type DifferencePart } from '../document/word-difference.ts';
import styles from './beside.module.css';

export function ProposalPanel({ proposal }: { readonly proposal: Proposal }) {
  const { desk } = useWindow();
  const { proposals } = desk.coWriter;
  const accept = useRef<HTMLButtonElement>(null);
  const isDone = proposal.state === 'done';
  useEffect(() => {
    if (isDone) accept.current?.focus();
  }, [isDone]);
  const back = () => desk.scene.get()?.view()?.focus();
  const changes = isDone ? readableDifference(proposal) : null;

  return (
    <div
      className={styles.panel}
      role="group"
      aria-label="Proposed change"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        proposals.reject();
        back();
      }}
    >
      <div className={styles.head}>
        <h2>Proposed change</h2>
        <IconButton
          icon={X}
          label="Reject"
          tip="Leaves the text as it is; the proposal stays in the history (Esc)"
          onClick={() => {
            proposals.reject();
            back();
          }}
        />
      </div>
      <p className={styles.order}>{changeOrder(proposal.task, proposal.instruction)}</p>
      <div className={styles.text} aria-live="polite" aria-busy={!isDone}>
        {changes
          ? changes.map(({ kind, text }, index) =>
              kind === 'same' ? (
                <span key={index}>{text}</span>
              ) : kind === 'added' ? (
                <ins key={index}>{text}</ins>
              ) : (
                <del key={index}>{text}</del>
              ),
            )
          : proposal.text}
        {!isDone && <i className={styles.caret} aria-hidden />}
        {isDone &&
          proposal.text === '' &&
          'The model had nothing to say. Try again, or ask in other words.'}
      </div>
      <div className={styles.actions}>
        <Button
          ref={accept}
          variant="primary"
          icon={Check}
          disabled={proposal.text === ''}
          tip="Puts it in place of the selected text; one undo takes it back"
          onClick={() => {
            proposals.accept();
            back();
          }}
        >
          Accept
        </Button>
        <Button icon={RefreshCw} tip="Asks for another one" onClick={proposals.retry}>
          Again
        </Button>
      </div>
    </div>
  );
}

export function AlternativesPanel({ offer }: { readonly offer: Offer }) {
  const { desk } = useWindow();
  const { alternatives } = desk.coWriter;
  const list = useRef<HTMLDivElement>(null);
  const { items, active } = offer;
  useEffect(() => {
    list.current?.focus();
  }, []);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const back = () => desk.scene.get()?.view()?.focus();
  const take = (index: number) => {
    alternatives.take(index);
    back();
  };
  const move = (step: number) =>
    alternatives.activate(Math.min(items.length - 1, Math.max(0, active + step)));

  return (
    <div
      className={styles.panel}
      role="group"
      aria-label="Ways to go on"
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowRight') move(1);
        else if (event.key === 'ArrowUp' || event.key === 'ArrowLeft') move(-1);
        else if (event.key === 'Enter') take(active);
        else if (event.key === 'Escape') {
          alternatives.close();
          back();
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <div className={styles.head}>
        <h2>Ways to go on</h2>
        <IconButton
          icon={X}
          label="Take none"
          tip="All of them stay in the history (Esc)"
          onClick={() => {
            alternatives.close();
            back();
          }}
        />
      </div>
      <div
        ref={list}
        role="listbox"
        aria-label="Alternatives"
        aria-activedescendant={`alternative-${active}`}
        tabIndex={0}
        className={styles.cards}
      >
        {items.map(({ text, state }, index) => (
          <div
            key={index}
            id={`alternative-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className={styles.cardText}
            data-active={index === active ? '' : undefined}
            onPointerEnter={() => alternatives.activate(index)}
            onClick={() => take(index)}
          >
            {text.trim()}
            {state === 'writing' && <i className={styles.caret} aria-hidden />}
            {state === 'waiting' && <span className={styles.waiting}>Waits for its turn</span>}
          </div>
        ))}
      </div>
      <p className={styles.keys}>↑ ↓ choose · ↵ take · Esc none</p>
    </div>
  );
}

/** Word by word where much has stayed; null where it is another text altogether. */
function readableDifference({ original, text }: Proposal): readonly DifferencePart[] | null {
  const parts = wordDifference(original, text);
  const kept = parts.reduce(
    (sum, part) => sum + (part.kind === 'same' ? part.text.trim().length : 0),
    0,
  );
  return kept < Math.min(original.length, text.length) * leastKept ? null : parts;
}

const leastKept = 0.4;
