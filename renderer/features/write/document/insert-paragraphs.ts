/**
 * Puts a text of several paragraphs at the caret, as one change of the history: behind the block in which the caret
 * stands, or in place of it if it is empty.
 */
import { Fragment } from 'prosemirror-model';
import { Selection } from 'prosemirror-state';
import { changeMeta, type ChangeMeta, type SceneSession } from '../session/scene-session.ts';
import { nodeType, schema } from './schema.ts';

export function insertParagraphs(session: SceneSession, text: string): void {
  const paragraphs = text
    .split(/\n+/)
    .filter((line) => line.trim() !== '')
    .map((line) => nodeType('paragraph').create(null, schema.text(line.trim())));
  if (paragraphs.length === 0) return;
  session.seal();
  const { tr, selection } = session.state();
  const $at = selection.$to;
  const before = $at.depth === 0 ? $at.pos : $at.before(1);
  const after = $at.depth === 0 ? $at.pos : $at.after(1);
  const isEmpty = $at.depth === 1 && $at.parent.content.size === 0;
  const from = isEmpty ? before : after;
  const content = Fragment.fromArray(paragraphs);
  tr.replaceWith(from, after, content);
  tr.setSelection(Selection.near(tr.doc.resolve(from + content.size), -1));
  session.dispatch(
    tr.setMeta(changeMeta, { kind: 'import' } satisfies ChangeMeta).scrollIntoView(),
  );
}
