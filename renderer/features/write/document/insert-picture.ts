/** Pictures of the library in the text: placed, and told about, as changes of the history. */
import type { Node } from 'prosemirror-model';
import { NodeSelection, Selection } from 'prosemirror-state';
import type { SceneSession } from '../session/scene-session.ts';
import { nodeType } from './schema.ts';

export interface PlacedPicture {
  /** Of a picture of the library. */
  readonly contentHash: string;
  readonly alt: string;
  readonly caption: string;
}

/** The picture that is selected; null where none is. */
export function selectedPicture(session: SceneSession): PlacedPicture | null {
  const { selection } = session.state();
  return selection instanceof NodeSelection ? pictureOf(selection.node) : null;
}

function pictureOf({ type, attrs }: Node): PlacedPicture | null {
  if (type.name !== 'picture') return null;
  return {
    contentHash: String(attrs['contentHash']),
    alt: String(attrs['alt']),
    caption: String(attrs['caption']),
  };
}

/** In place of the picture that is selected. */
export function replacePicture(session: SceneSession, picture: PlacedPicture): void {
  const { tr, selection } = session.state();
  session.seal();
  tr.setNodeMarkup(selection.from, null, { ...picture });
  tr.setSelection(NodeSelection.create(tr.doc, selection.from));
  session.dispatch(tr);
  session.seal();
}

/**
 * Behind the block that stands at a place; in place of that block if it is empty.
 * @param position the caret's if it is left out
 */
export function insertPicture(
  session: SceneSession,
  picture: PlacedPicture,
  position?: number,
): void {
  session.seal();
  const { tr, selection, doc } = session.state();
  const $at = position === undefined ? selection.$to : doc.resolve(position);
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
