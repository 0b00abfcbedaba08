/** What a model considered at a word, and whose word it is: the card of the probability lens, on the page and in a chat. */
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { Run, RunToken } from '../../../../contract/scenes.ts';
import type { TokenAlternative } from '../../../../contract/write.ts';
import { formatDate, formatProbability } from '../../../ui/format.ts';
import { surprisalBits } from '../document/lens.ts';
import { visibleToken } from './visible-token.ts';
import styles from './lens-card.module.css';

interface LensCardProps {
  /** Null where the words are not a token's, such as those a person put in. */
  readonly token: RunToken | null;
  /** Null where nothing is known of it. */
  readonly run: Run | null;
  /** A person changed the run's words here. */
  readonly isEdited: boolean;
  /** Which alternative the keys are at; null while the card is worked by pointer. */
  readonly chosen: number | null;
  readonly onTake: (alternative: TokenAlternative) => void;
}

export function LensCard({ token, run, isEdited, chosen, onTake }: LensCardProps) {
  const alternatives = alternativesOf(token);
  const spoken = chosen === null ? undefined : alternatives[chosen];
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const row = chosen === null ? undefined : list.current?.children[chosen];
    if (!list.current || !(row instanceof HTMLElement)) return;
    // The list alone: the text behind the card stays where it is.
    const { scrollTop, clientHeight } = list.current;
    const end = row.offsetTop + row.offsetHeight;
    list.current.scrollTop = Math.min(row.offsetTop, Math.max(scrollTop, end - clientHeight));
  }, [chosen]);
  return (
    <div className={styles.card}>
      {token && (
        <ul
          ref={list}
          className={styles.list}
          aria-label={`What the model considered at “${token.text}”`}
        >
          {alternatives.map((alternative, index) => {
            const isDrawn = alternative.text === token.text;
            return (
              <li key={alternative.tokenId}>
                <button
                  type="button"
                  tabIndex={-1}
                  className={styles.alternative}
                  data-drawn={isDrawn ? '' : undefined}
                  data-active={index === chosen ? '' : undefined}
                  aria-current={index === chosen || undefined}
                  aria-disabled={isEnd(alternative) || undefined}
                  data-tip={tipOf(isDrawn, isEnd(alternative))}
                  onClick={() => onTake(alternative)}
                >
                  <i
                    aria-hidden
                    style={{ width: `${Math.max(1, alternative.probability * 100)}%` }}
                  />
                  <span>{visibleToken(alternative.text)}</span>
                  <span>{formatProbability(alternative.probability)}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {run && <Origin run={run} isEdited={isEdited} token={token} />}
      {chosen !== null && (
        <>
          <span className="visually-hidden" role="status">
            {token && spoken
              ? `${token.text}: ${spoken.text}, ${formatProbability(spoken.probability)}`
              : ''}
          </span>
          <p className={styles.keys}>← → words · ↑ ↓ choose · ↵ take · Esc</p>
        </>
      )}
    </div>
  );
}

function Origin({
  run,
  isEdited,
  token,
}: Pick<LensCardProps, 'isEdited' | 'token'> & { run: Run }) {
  return (
    <dl className={styles.origin}>
      <dt>{isEdited ? 'Yours, in the words of' : 'Written by'}</dt>
      <dd>{run.modelName}</dd>
      {token && (
        <>
          <dt>Surprise</dt>
          <dd>{surprisalBits(token.probability).toFixed(1)} bits</dd>
        </>
      )}
      <dt>Preset</dt>
      <dd>{run.preset ?? 'own settings'}</dd>
      <dt>Seed</dt>
      <dd>{run.seed}</dd>
      <dt>When</dt>
      <dd>{formatDate(run.at)}</dd>
      {run.modelHash !== '' && (
        <>
          <dt>Hash</dt>
          <dd>{run.modelHash.slice(0, 12)}</dd>
        </>
      )}
    </dl>
  );
}

/** The end of the text has no words: there is nothing to go on with behind it. */
const isEnd = ({ text }: Pick<TokenAlternative, 'text'>): boolean => text === '';

/** Whether taking an alternative would change anything. */
export function isTakeable(alternative: TokenAlternative, token: RunToken): boolean {
  return !isEnd(alternative) && alternative.text !== token.text;
}

/** Likeliest first; what was drawn is one of them, however unlikely it was. */
export function alternativesOf(token: RunToken | null): readonly TokenAlternative[] {
  if (!token) return [];
  const { alternatives, text, tokenId, probability } = token;
  return alternatives.some((each) => each.text === text)
    ? alternatives
    : [...alternatives, { tokenId, text, probability }];
}

function tipOf(isDrawn: boolean, isEndOfText: boolean): string {
  if (isDrawn) return 'This is what was written';
  return isEndOfText
    ? 'The text would end here: there is nothing to go on with'
    : 'Takes this and goes on from here';
}

interface LensKeys {
  readonly token: RunToken | null;
  readonly chosen: number;
  readonly choose: (index: number) => void;
  readonly walk: (by: -1 | 1) => void;
  readonly take: (alternative: TokenAlternative) => void;
  readonly close: () => void;
}

/** ← → walk the words, ↑ ↓ choose, Enter takes, Esc closes; other keys keep their meaning. */
export function lensKeyDown(
  event: KeyboardEvent,
  { token, chosen, choose, walk, take, close }: LensKeys,
): void {
  const alternatives = alternativesOf(token);
  if (event.key === 'ArrowLeft') walk(-1);
  else if (event.key === 'ArrowRight') walk(1);
  else if (event.key === 'ArrowUp') choose(Math.max(0, chosen - 1));
  else if (event.key === 'ArrowDown') choose(Math.min(alternatives.length - 1, chosen + 1));
  else if (event.key === 'Enter') {
    const alternative = alternatives[chosen];
    if (alternative) take(alternative);
  } else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
