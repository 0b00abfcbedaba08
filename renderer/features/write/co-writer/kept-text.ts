/** A text that waits for the person's decision: kept as a branch of the history until it is taken. */
import type { Node } from 'prosemirror-model';
import { Selection } from 'prosemirror-state';
import { Transform } from 'prosemirror-transform';
import type { NodeId, RunId } from '../../../../contract/scenes.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { asChange } from './text-place.ts';

export interface KeptText {
  readonly node: NodeId;
  readonly run: RunId;
  /** Where the history stood, and its text. */
  readonly head: NodeId;
  readonly doc: Node;
  /** Puts it into a transform at the present text. @returns where it ends */
  readonly put: (transform: Transform) => number;
}

export function keepText(session: SceneSession, run: RunId, put: KeptText['put']): KeptText {
  const { doc } = session.state();
  const { head } = session.tree.get();
  const transform = new Transform(doc);
  put(transform);
  return { node: session.keepBranch(transform, 'choice', run), run, head, doc, put };
}

/** Goes to the branch; where the text has changed since, the same is put into it as it is now. */
export function takeText(session: SceneSession, kept: KeptText): void {
  if (session.tree.get().head === kept.head && session.state().doc === kept.doc) {
    void session.goTo(kept.node);
    return;
  }
  const { tr } = session.state();
  const end = kept.put(tr);
  tr.setSelection(Selection.near(tr.doc.resolve(end), -1));
  session.seal();
  session.dispatch(asChange(tr, 'choice', kept.run).scrollIntoView());
  session.seal();
}
