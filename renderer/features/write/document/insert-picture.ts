/** Puts a picture into the text, as one change of the history. */
import { Selection } from 'prosemirror-state';
import type { SceneSession } from '../session/scene-session.ts';
import { nodeType } from './schema.ts';

export interface PlacedPicture {
  /** Of a picture of the library. */
  readonly contentHash: string;
  readonly alt: string;
  readonly caption: string;
}

/** Behind the paragraph in which the caret stands; in place of that paragraph if it is empty. */
export function insertPicture(session: SceneSession, picture: PlacedPicture): void {
  session.seal();
  const { tr, selection, doc } = session.state();
  const $at = selection.$to;
  const outermost = $at.depth === 0 ? null : doc.nodeAt($at.before(1));
  const from = $at.depth === 0 ? $at.pos : $at.before(1);
  const to = $at.depth === 0 ? $at.pos : $at.after(1);
  const node = nodeType('picture').create({ ...picture });
  const isEmpty = outermost?.isTextblock === true && outermost.content.size === 0;
  if (isEmpty) tr.replaceWith(from, to, node);
  else tr.insert(to, node);
  const end = (isEmpty ? from : to) + node.nodeSize;
  // Writing goes on below it.
  if (end >= tr.doc.content.size) tr.insert(end, nodeType('paragraph').create());
  tr.setSelection(Selection.near(tr.doc.resolve(end + 1), 1));
  session.dispatch(tr.scrollIntoView());
  session.seal();
}
