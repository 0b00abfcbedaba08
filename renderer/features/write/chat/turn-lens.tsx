/** A turn word by word: how surprising each was, and what else the model considered. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ChatTurn } from '../../../../contract/chats.ts';
import type { RunToken } from '../../../../contract/scenes.ts';
import type { TokenAlternative } from '../../../../contract/write.ts';
import { useWindow } from '../../../app/window-model.ts';
import { formatProbability } from '../../../ui/format.ts';
import { heatLevel, surprisalBits } from '../document/lens.ts';
import { visibleToken } from '../page/visible-token.ts';
import { tokenSpans, type TokenSpan } from './token-spans.ts';
import styles from './turn-lens.module.css';

interface TurnLensProps {
  readonly turn: ChatTurn;
  /** @param characters of the turn's text that stay before `text` */
  readonly onTake: (characters: number, text: string) => void;
  readonly onClose: () => void;
}

export function TurnLens({ turn, onTake, onClose }: TurnLensProps) {
  const { chats } = useWindow();
  const { data: spans = [] } = useQuery({
    queryKey: ['chat-lens', turn.id, turn.text, turn.parts],
    queryFn: async () => {
      const parts = await Promise.all(
        turn.parts.map(async (part) =>
          tokenSpans(turn.text, part, await chats.tokens(part.run, part.alternative)),
        ),
      );
      return parts.flat();
    },
    staleTime: 0,
    gcTime: 0,
  });
  const [active, setActive] = useState(0);
  const [chosen, setChosen] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const hasSpans = spans.length > 0;
  useEffect(() => {
    if (hasSpans) box.current?.focus();
  }, [hasSpans]);
  const span = spans[active];
  const alternatives = span ? withDrawn(span.token) : [];

  const go = (index: number) => {
    setActive(Math.min(spans.length - 1, Math.max(0, index)));
    setChosen(0);
  };
  const take = (alternative: TokenAlternative | undefined) => {
    // There is nothing to go on with behind the end of the text, which has no words.
    if (!span || !alternative || ['', span.token.text].includes(alternative.text)) return;
    // A turn does not begin with the space that parts words.
    const text = span.start === 0 ? alternative.text.trimStart() : alternative.text;
    onTake(span.start, text);
    onClose();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowLeft') go(active - 1);
    else if (event.key === 'ArrowRight') go(active + 1);
    else if (event.key === 'ArrowUp') setChosen((now) => Math.max(0, now - 1));
    else if (event.key === 'ArrowDown')
      setChosen((now) => Math.min(alternatives.length - 1, now + 1));
    else if (event.key === 'Enter') take(alternatives[chosen]);
    else if (event.key === 'Escape') {
      onClose();
      box.current?.closest('article')?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={box}
      className={styles.lens}
      role="application"
      aria-label="Words and what else the model considered: arrows choose, Enter goes on from there"
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <p>
        {pieces(turn.text.trimEnd(), spans).map(({ text, index }, at) =>
          index === null ? (
            <span key={at}>{text}</span>
          ) : (
            <span
              key={at}
              className={styles.token}
              data-heat={heatLevel(surprisalBits(spans[index]?.token.probability ?? 1))}
              data-active={index === active ? '' : undefined}
              onClick={() => go(index)}
            >
              {text}
            </span>
          ),
        )}
      </p>
      {span && (
        <div className={styles.card}>
          <ul aria-label={`What the model considered at “${span.token.text}”`}>
            {alternatives.map((alternative, index) => {
              const isDrawn = alternative.text === span.token.text;
              const isEnd = alternative.text === '';
              return (
                <li key={alternative.tokenId}>
                  <button
                    type="button"
                    tabIndex={-1}
                    data-drawn={isDrawn ? '' : undefined}
                    data-active={index === chosen ? '' : undefined}
                    aria-disabled={isEnd || undefined}
                    data-tip={tipOf(isDrawn, isEnd)}
                    onClick={() => take(alternative)}
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
          <span className="visually-hidden" role="status">
            {alternatives[chosen]
              ? `${span.token.text}: ${alternatives[chosen].text}, ${formatProbability(alternatives[chosen].probability)}`
              : ''}
          </span>
          <div className={styles.keys}>← → words · ↑ ↓ choose · ↵ go on from here · Esc</div>
        </div>
      )}
    </div>
  );
}

function tipOf(isDrawn: boolean, isEnd: boolean): string {
  if (isDrawn) return 'This is what was written';
  return isEnd
    ? 'The text would end here: there is nothing to go on with'
    : 'Takes this and goes on from here';
}

/** The text, cut at its tokens; `index` is null for what is no token's. */
function pieces(
  text: string,
  spans: readonly TokenSpan[],
): readonly { readonly text: string; readonly index: number | null }[] {
  const all: { text: string; index: number | null }[] = [];
  let at = 0;
  for (const [index, { start, end }] of spans.entries()) {
    if (start > at) all.push({ text: text.slice(at, start), index: null });
    all.push({ text: text.slice(start, end), index });
    at = end;
  }
  if (at < text.length) all.push({ text: text.slice(at), index: null });
  return all;
}

function withDrawn({
  alternatives,
  text,
  tokenId,
  probability,
}: RunToken): readonly TokenAlternative[] {
  return alternatives.some((each) => each.text === text)
    ? alternatives
    : [...alternatives, { tokenId, text, probability }];
}
