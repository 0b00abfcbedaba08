/** Takes another token where one was drawn: a new branch of the history from there. */
import { Transform } from 'prosemirror-transform';
import type { TokenAlternative } from '../../../../contract/write.ts';
import type { PlacedToken } from '../document/run-alignment.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { insertText } from './insert-text.ts';
import { asChange } from './text-place.ts';

/**
 * @param placed the run's tokens as they stand in the text
 * @param index  which of them is replaced; what the run wrote behind it goes too
 * @returns where to go on
 */
export function branchAtToken(
  session: SceneSession,
  run: string,
  placed: readonly PlacedToken[],
  index: number,
  alternative: TokenAlternative,
): number | null {
  const [first] = placed;
  const token = placed[index];
  if (!first || !token) return null;
  const { head, nodes } = session.tree.get();
  const last = nodes.get(head);
  session.seal();
  if (last?.run === run && last.kind === 'generation' && last.parent !== null && last.steps) {
    // Nothing came after the run: the other text is its sibling, and the run stays whole.
    const before = new Transform(session.state().doc);
    for (const step of last.steps.backward) before.step(step);
    const start = before.mapping.map(first.from, -1);
    const kept = placed
      .slice(0, index)
      .map((each) => each.token.text)
      .join('');
    session.undo();
    return put(session, run, start, `${kept}${alternative.text}`);
  }
  const end = contiguousEnd(placed, index);
  const transaction = session.state().tr.delete(token.from, end);
  const place = insertText(
    transaction,
    { position: token.from, breaks: '' },
    alternative.text,
    run,
  );
  session.dispatch(asChange(transaction, 'choice', run).scrollIntoView());
  return place.position;
}

function put(session: SceneSession, run: string, position: number, text: string): number {
  const transaction = session.state().tr;
  const place = insertText(transaction, { position, breaks: '' }, text, run);
  session.dispatch(asChange(transaction, 'choice', run).scrollIntoView());
  return place.position;
}

/** To the end of what the run wrote without a person's words between. */
function contiguousEnd(placed: readonly PlacedToken[], index: number): number {
  let end = placed[index]?.to ?? 0;
  for (const { from, to } of placed.slice(index + 1)) {
    // Between two paragraphs of a run lie their two borders.
    if (from - end > 2) break;
    end = to;
  }
  return end;
}
