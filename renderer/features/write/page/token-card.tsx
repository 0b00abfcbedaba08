/** What else the model considered at a word, and whose word it is: by pointer or by keyboard. */
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { Run } from '../../../../contract/scenes.ts';
import type { TokenAlternative } from '../../../../contract/write.ts';
import { useStore } from '../../../app/store.ts';
import { useShortcut } from '../../../app/use-shortcut.ts';
import { useWindow } from '../../../app/window-model.ts';
import { branchAtToken } from '../co-writer/branch-at-token.ts';
import { setActiveToken } from '../document/lens.ts';
import type { PlacedToken } from '../document/run-alignment.ts';
import { isTakeable, LensCard, lensKeyDown } from '../lens/lens-card.tsx';
import type { SceneSession } from '../session/scene-session.ts';
import { originAt, tokensInPlace } from './token-places.ts';
import styles from './token-card.module.css';

interface TokenCardProps {
  readonly session: SceneSession;
  readonly scroller: RefObject<HTMLDivElement | null>;
}

interface Shown {
  readonly run: Run;
  readonly edited: boolean;
  readonly placed: readonly PlacedToken[];
  /** −1 where the words are not a token's, such as those a person put in. */
  readonly index: number;
  readonly top: number;
  readonly left: number;
  /** There is no room below the word. */
  readonly isAbove: boolean;
  /** Room for the card on that side of the word. */
  readonly heightPx: number;
  readonly byKeyboard: boolean;
}

const openDelayMs = 300;
const closeDelayMs = 220;
const cardWidthPx = 264;
const cardHeightPx = 372;
const gapPx = 6;

export function TokenCard({ session, scroller }: TokenCardProps) {
  const { desk } = useWindow();
  const { showsOrigin, showsSurprisal } = useStore(desk.settings);
  const [shown, setShown] = useState<Shown | null>(null);
  const [chosen, setChosen] = useState(0);
  const card = useRef<HTMLDivElement>(null);
  const isOn = showsOrigin || showsSurprisal;

  const close = useCallback(() => {
    setShown(null);
    const view = session.view();
    if (view) setActiveToken(view, null);
  }, [session]);

  const show = useCallback(
    async (position: number, byKeyboard: boolean): Promise<boolean> => {
      const origin = originAt(session, position);
      const view = session.view();
      if (!origin || !view || !scroller.current) return false;
      const { doc } = session.state();
      const placed = await tokensInPlace(session, desk.coWriter.tokens, origin.run);
      if (session.state().doc !== doc) return false;
      let index = placed.findIndex(({ from, to }) => from <= position && position < to);
      if (index < 0 && byKeyboard) index = placed.findLastIndex(({ to }) => to <= position);
      const at = placed[index]?.from ?? position;
      const frame = scroller.current.getBoundingClientRect();
      const { left, top, bottom } = view.coordsAtPos(at, 1);
      const isAbove =
        bottom + cardHeightPx > frame.bottom && top - frame.top > frame.bottom - bottom;
      setActiveToken(view, placed[index] ?? null);
      setChosen(0);
      setShown({
        ...origin,
        placed,
        index,
        byKeyboard,
        isAbove,
        heightPx: (isAbove ? top - frame.top : frame.bottom - bottom) - 2 * gapPx,
        top: (isAbove ? top - gapPx : bottom + gapPx) - frame.top + scroller.current.scrollTop,
        left: Math.max(8, Math.min(left - frame.left - 12, frame.width - cardWidthPx - 16)),
      });
      return true;
    },
    [session, desk, scroller],
  );

  useEffect(() => {
    if (!isOn) return;
    const frame = scroller.current;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const clear = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    };
    const onMove = (event: PointerEvent) => {
      if (event.buttons !== 0 || !(event.target instanceof Element)) return;
      if (card.current?.contains(event.target)) return clear();
      clear();
      const isWord = event.target.closest('[data-run]') !== null;
      timer = setTimeout(
        () => {
          timer = null;
          const found = isWord
            ? session.view()?.posAtCoords({ left: event.clientX, top: event.clientY })
            : null;
          if (found) void show(found.pos, false);
          else setShown((now) => (now && !now.byKeyboard ? null : now));
        },
        isWord ? openDelayMs : closeDelayMs,
      );
    };
    // A pointer may leave the page in one bound, without having moved beside a word.
    const onLeave = () => {
      clear();
      timer = setTimeout(
        () => setShown((now) => (now && !now.byKeyboard ? null : now)),
        closeDelayMs,
      );
    };
    frame?.addEventListener('pointermove', onMove);
    frame?.addEventListener('pointerleave', onLeave);
    return () => {
      clear();
      frame?.removeEventListener('pointermove', onMove);
      frame?.removeEventListener('pointerleave', onLeave);
    };
  }, [isOn, session, scroller, show]);

  // A card about words that have changed says nothing true.
  useEffect(() => {
    if (!shown) return;
    const { doc } = session.state();
    return session.version.subscribe(() => {
      if (session.state().doc !== doc) close();
    });
  }, [shown, session, close]);

  useEffect(() => {
    const view = session.view();
    if (!shown && view) setActiveToken(view, null);
    if (shown?.byKeyboard) card.current?.focus();
  }, [shown, session]);

  useEffect(() => {
    if (!shown) return;
    const { placed, index, byKeyboard } = shown;
    const place = placed[index];
    // The words have moved with the width of the page.
    const onResize = () => (place ? void show(place.from, byKeyboard) : close());
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, [shown, show, close]);

  useShortcut('write.lens', () => {
    void show(session.state().selection.head, true);
  });

  if (!shown) return null;
  const token = shown.placed[shown.index]?.token ?? null;

  const branch = (alternative: TokenAlternative) => {
    if (!token || !isTakeable(alternative, token)) return;
    desk.coWriter.stop();
    const place = branchAtToken(session, shown.run.id, shown.placed, shown.index, alternative);
    close();
    session.view()?.focus();
    if (place !== null) desk.coWriter.goOn(session, place);
  };

  return (
    <div
      ref={card}
      role="group"
      aria-label={token ? `What the model considered at “${token.text}”` : 'Where this comes from'}
      tabIndex={-1}
      className={styles.place}
      data-above={shown.isAbove ? '' : undefined}
      style={
        {
          top: shown.top,
          left: shown.left,
          '--lens-card-height': `${shown.heightPx}px`,
        } as React.CSSProperties
      }
      onKeyDown={(event) =>
        lensKeyDown(event, {
          token,
          chosen,
          choose: setChosen,
          walk(by) {
            const next = shown.placed[shown.index + by];
            if (next) void show(next.from, true);
          },
          take: branch,
          close() {
            close();
            session.view()?.focus();
          },
        })
      }
      onPointerLeave={() => !shown.byKeyboard && close()}
    >
      <LensCard
        token={token}
        run={shown.run}
        isEdited={shown.edited}
        chosen={shown.byKeyboard ? chosen : null}
        onTake={branch}
      />
    </div>
  );
}
