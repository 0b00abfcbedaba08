/** Where words can stand, and how a change that a model has a part in is told to the history. */
import { Selection, type Transaction } from 'prosemirror-state';
import type { RunId } from '../../../../contract/scenes.ts';
import { changeMeta, type ChangeMeta, type SceneSession } from '../session/scene-session.ts';

/** @returns the nearest place at which words can stand */
export function textPlace(session: SceneSession, position: number): number {
  const { doc } = session.state();
  const $position = doc.resolve(Math.max(0, Math.min(position, doc.content.size)));
  return $position.parent.inlineContent ? $position.pos : Selection.near($position, -1).to;
}

export function asChange(
  transaction: Transaction,
  kind: ChangeMeta['kind'],
  run: RunId,
): Transaction {
  return transaction.setMeta(changeMeta, { kind, run } satisfies ChangeMeta);
}
