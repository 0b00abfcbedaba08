/** A turn word by word: how surprising each was, and what else the model considered. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ChatTurn } from '../../../../contract/chats.ts';
import type { Run } from '../../../../contract/scenes.ts';
import type { TokenAlternative } from '../../../../contract/write.ts';
import { useWindow } from '../../../app/window-model.ts';
import { heatLevel, surprisalBits } from '../document/lens.ts';
import { isTakeable, LensCard, lensKeyDown } from '../lens/lens-card.tsx';
import { tokenSpans, type TokenSpan } from './token-spans.ts';
import styles from './turn-lens.module.css';

interface TurnLensProps {
  readonly turn: ChatTurn;
  /** Of the chat. */
  readonly runs: readonly Run[];
  /** @param characters of the turn's text that stay before `text` */
  readonly onTake: (characters: number, text: string) => void;
  readonly onClose: () => void;
}

export function TurnLens({ turn, runs, onTake, onClose }: TurnLensProps) {
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
  const token = span?.token ?? null;

  const go = (index: number) => {
    setActive(Math.min(spans.length - 1, Math.max(0, index)));
    setChosen(0);
  };
  const take = (alternative: TokenAlternative) => {
    if (!span || !isTakeable(alternative, span.token)) return;
    // A turn does not begin with the space that parts words.
    const text = span.start === 0 ? alternative.text.trimStart() : alternative.text;
    onTake(span.start, text);
    onClose();
  };
  const start = span?.start;
  useEffect(() => {
    if (start !== undefined)
      box.current?.querySelector('[data-word]')?.scrollIntoView({ block: 'nearest' });
  }, [start]);

  return (
    <div
      ref={box}
      className={styles.lens}
      role="application"
      aria-label="Words and what else the model considered: arrows choose, Enter goes on from there"
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key === 'Home' || event.key === 'End') {
          go(event.key === 'Home' ? 0 : spans.length - 1);
          event.preventDefault();
          event.stopPropagation();
        } else
          lensKeyDown(event, {
            token,
            chosen,
            choose: setChosen,
            walk: (by) => go(active + by),
            take,
            close() {
              onClose();
              box.current?.closest('article')?.focus();
            },
          });
      }}
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
              data-word={index === active ? '' : undefined}
              onClick={() => go(index)}
            >
              {text}
            </span>
          ),
        )}
      </p>
      {span && (
        <div className={styles.place}>
          <LensCard
            token={token}
            run={runs.find(({ id }) => id === span.run) ?? null}
            isEdited={false}
            chosen={chosen}
            onTake={take}
          />
        </div>
      )}
    </div>
  );
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
