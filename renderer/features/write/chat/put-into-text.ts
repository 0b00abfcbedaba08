/** A turn of a chat into the open scene, at its cursor: the model's words bear their origin there too. */
import { Selection } from 'prosemirror-state';
import type { ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import { insertText } from '../co-writer/insert-text.ts';
import { textPlace } from '../co-writer/text-place.ts';
import { changeMeta, type ChangeMeta, type SceneSession } from '../session/scene-session.ts';

/** One change of the scene, which one undo takes back. */
export function putIntoText(session: SceneSession, chat: OpenChat, turn: ChatTurn): void {
  for (const { run: id } of turn.parts) {
    const run = chat.runs.find((each) => each.id === id);
    if (run) session.bringRun(run);
  }
  const { tr, selection } = session.state();
  const at = textPlace(session, selection.to);
  const { parent, parentOffset } = tr.doc.resolve(at);
  // Behind words that are there it begins a paragraph of its own.
  const breaks = parentOffset > 0 && parentOffset === parent.content.size ? '\n' : '';
  let place = { position: at, breaks };
  for (const { text, run } of piecesOf(turn)) place = insertText(tr, place, text, run);
  tr.setSelection(Selection.near(tr.doc.resolve(place.position), -1));
  const run = turn.parts[0]?.run;
  const meta: ChangeMeta = run === undefined ? { kind: 'paste' } : { kind: 'choice', run };
  session.seal();
  session.dispatch(tr.setMeta(changeMeta, meta).scrollIntoView());
  session.seal();
}

interface Piece {
  readonly text: string;
  /** Null where a person wrote it. */
  readonly run: string | null;
}

/** @returns the text of a turn, cut where another wrote it; without the white space at its end */
export function piecesOf({ text, parts }: Pick<ChatTurn, 'text' | 'parts'>): Piece[] {
  const end = text.trimEnd().length;
  const pieces: Piece[] = [];
  let at = 0;
  const add = (to: number, run: string | null) => {
    const own = text.slice(at, Math.min(to, end));
    if (own !== '') pieces.push({ text: own, run });
    at = Math.max(at, to);
  };
  for (const part of parts) {
    add(part.start, null);
    add(part.end, part.run);
  }
  add(end, null);
  return pieces;
}
