/** Keeps the heat map true while the text and what is in sight of it change. */
import { useEffect, type RefObject } from 'react';
import { useWindow } from '../../../app/window-model.ts';
import { setHeat } from '../document/lens.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { clearHeat, drawnSurprisal, visiblePart } from './heat-map.ts';

const settleMs = 350;

export function useHeatMap(
  session: SceneSession,
  scroller: RefObject<HTMLDivElement | null>,
  isOn: boolean,
): void {
  const { desk } = useWindow();
  useEffect(() => {
    const frame = scroller.current;
    if (!isOn || !frame) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let doc: unknown = null;
    let isOver = false;

    async function draw(): Promise<void> {
      timer = null;
      if (!frame) return;
      const part = visiblePart(session, frame);
      if (!part) return;
      const before = session.state().doc;
      const ranges = await drawnSurprisal(session, desk.coWriter.tokens, part);
      const view = session.view();
      if (isOver || !view || session.state().doc !== before) return;
      doc = before;
      setHeat(view, ranges);
    }
    const drawSoon = () => {
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(() => void draw(), settleMs);
    };
    const stop = session.version.subscribe(() => {
      if (session.state().doc !== doc) drawSoon();
    });
    frame.addEventListener('scroll', drawSoon, { passive: true });
    drawSoon();
    return () => {
      isOver = true;
      if (timer !== null) clearTimeout(timer);
      stop();
      frame.removeEventListener('scroll', drawSoon);
      clearHeat(session);
    };
  }, [session, scroller, isOn, desk]);
}
