/** Surprisal on the page: of the model's words as they were drawn, within what is in sight. */
import type { Run } from '../../../../contract/scenes.ts';
import type { RunTokens } from '../co-writer/run-tokens.ts';
import { setHeat, surprisalBits, type ScoredRange } from '../document/lens.ts';
import { originOf } from '../document/schema.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { tokensInPlace } from './token-places.ts';

/** Text beyond the window that is coloured too, so that scrolling shows no bare words. */
const marginPx = 600;

export interface VisiblePart {
  readonly from: number;
  readonly to: number;
}

/** @returns the part of the text in sight; null while the page is not shown */
export function visiblePart(session: SceneSession, scroller: Element): VisiblePart | null {
  const view = session.view();
  if (!view || !view.dom.isConnected) return null;
  const frame = scroller.getBoundingClientRect();
  const left = view.dom.getBoundingClientRect().left + 8;
  const at = (top: number) => view.posAtCoords({ left, top })?.pos;
  const content = view.dom.getBoundingClientRect();
  const top = Math.max(content.top + 2, frame.top - marginPx);
  const bottom = Math.min(content.bottom - 2, frame.bottom + marginPx);
  return { from: at(top) ?? 0, to: at(bottom) ?? view.state.doc.content.size };
}

export async function drawnSurprisal(
  session: SceneSession,
  tokens: RunTokens,
  part: VisiblePart,
): Promise<ScoredRange[]> {
  const { doc } = session.state();
  const runs = new Set<string>();
  doc.nodesBetween(part.from, part.to, (node) => {
    const origin = originOf(node);
    if (origin) runs.add(origin.run);
  });
  const ranges: ScoredRange[] = [];
  for (const id of runs) {
    const run: Run | undefined = session.runs.get().get(id);
    if (!run) continue;
    for (const { from, to, token } of await tokensInPlace(session, tokens, run)) {
      if (to > part.from && from < part.to)
        ranges.push({ from, to, bits: surprisalBits(token.probability) });
    }
  }
  return ranges;
}

export function clearHeat(session: SceneSession): void {
  const view = session.view();
  if (view) setHeat(view, []);
}
