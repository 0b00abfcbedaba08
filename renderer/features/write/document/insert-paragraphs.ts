/** Puts a text of several paragraphs at the caret, as one change of the history. */
import { Fragment, Slice } from 'prosemirror-model';
import { changeMeta, type ChangeMeta, type SceneSession } from '../session/scene-session.ts';
import { nodeType, schema } from './schema.ts';

export function insertParagraphs(session: SceneSession, text: string): void {
  const paragraphs = text
    .split(/\n+/)
    .filter((line) => line.trim() !== '')
    .map((line) => nodeType('paragraph').create(null, schema.text(line.trim())));
  if (paragraphs.length === 0) return;
  session.seal();
  const { tr } = session.state();
  tr.replaceSelection(new Slice(Fragment.fromArray(paragraphs), 1, 1));
  session.dispatch(
    tr.setMeta(changeMeta, { kind: 'import' } satisfies ChangeMeta).scrollIntoView(),
  );
}
