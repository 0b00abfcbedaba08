/**
 * Keeps the heat map true while the text and what is in sight of it change: the model's words as they were
 * drawn, the others as the chosen model reads them.
 */
import { useEffect, type RefObject } from 'react';
import { StudioError } from '../../../../contract/errors.ts';
import { useWindow } from '../../../app/window-model.ts';
import { setHeat, type ScoredRange } from '../document/lens.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { clearHeat, drawnSurprisal, visiblePart } from './heat-map.ts';
import { passageOf, scorePassage } from './scored-text.ts';

const settleMs = 350;

export function useHeatMap(
  session: SceneSession,
  scroller: RefObject<HTMLDivElement | null>,
  isOn: boolean,
  /** Reads what it did not write itself; null where there is none. */
  modelId: string | null,
): void {
  const { desk, client, toasts } = useWindow();
  useEffect(() => {
    const frame = scroller.current;
    if (!isOn || !frame) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let doc: unknown = null;
    let isOver = false;
    let reading = new AbortController();
    const known = new Map<string, readonly ScoredRange[]>();

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
      // The engine reads when it does not write.
      if (modelId === null || desk.coWriter.progress.get()?.state === 'writing') return;
      const passage = passageOf(before, part);
      const key = `${passage.blocks[0]?.position ?? 0} ${passage.text}`;
      reading.abort();
      reading = new AbortController();
      try {
        const read =
          known.get(key) ?? (await scorePassage(client, modelId, passage, reading.signal));
        known.set(key, read);
        if (isOver || session.state().doc !== before) return;
        const others = read.filter(
          ({ from, to }) => !ranges.some((drawn) => drawn.from < to && from < drawn.to),
        );
        setHeat(view, [...ranges, ...others]);
      } catch (error) {
        if (StudioError.from(error).code !== 'cancelled') toasts.fail(error);
      }
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
      reading.abort();
      if (timer !== null) clearTimeout(timer);
      stop();
      frame.removeEventListener('scroll', drawSoon);
      clearHeat(session);
    };
  }, [session, scroller, isOn, modelId, desk, client, toasts]);
}
