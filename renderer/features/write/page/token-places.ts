/** Tokens of runs at their places in the text as it is now. */
import type { Node } from 'prosemirror-model';
import type { Run, RunId } from '../../../../contract/scenes.ts';
import type { RunTokens } from '../co-writer/run-tokens.ts';
import { alignTokens, spansOf, type PlacedToken } from '../document/run-alignment.ts';
import { originOf } from '../document/schema.ts';
import type { SceneSession } from '../session/scene-session.ts';

/** Per text; texts share nothing, so that a changed one is aligned anew. */
const aligned = new WeakMap<Node, Map<RunId, readonly PlacedToken[]>>();

/** @returns the tokens of a run, in the order of the text */
export async function tokensInPlace(
  session: SceneSession,
  tokens: RunTokens,
  run: Run,
): Promise<readonly PlacedToken[]> {
  const { doc } = session.state();
  const known = aligned.get(doc)?.get(run.id);
  if (known) return known;
  const spans = spansOf(doc, run.id, 0, doc.content.size);
  const [first] = spans;
  const drawn = first ? await tokens.of(session, run, first.text) : [];
  const placed = alignTokens(spans, drawn);
  const ofText = aligned.get(doc) ?? new Map<RunId, readonly PlacedToken[]>();
  ofText.set(run.id, placed);
  aligned.set(doc, ofText);
  return placed;
}

/** @returns the run whose words stand at a place, and whether a person put them there */
export function originAt(
  session: SceneSession,
  position: number,
): { readonly run: Run; readonly edited: boolean } | null {
  const { doc } = session.state();
  const $position = doc.resolve(Math.min(position, doc.content.size));
  for (const node of [$position.nodeAfter, $position.nodeBefore]) {
    const origin = node && originOf(node);
    const run = origin && session.runs.get().get(origin.run);
    if (origin && run) return { run, edited: origin.edited };
  }
  return null;
}
