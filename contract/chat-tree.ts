/** Ways through the turns of a chat; both ends of the wire walk them. Pure. */
import type { ChatTurn, TurnId } from './chats.ts';

/** @returns the turns from a first one down to `leaf` */
export function pathTo(turns: readonly ChatTurn[], leaf: TurnId | null): ChatTurn[] {
  const path: ChatTurn[] = [];
  for (let id = leaf; id !== null;) {
    const turn: ChatTurn | undefined = turns[id];
    if (!turn) break;
    path.push(turn);
    id = turn.parent;
  }
  return path.reverse();
}

/** @returns the end of the branch below a turn: at each fork what was made last */
export function leafBelow(turns: readonly ChatTurn[], turn: TurnId): TurnId {
  const lastChild = new Map(turns.map(({ id, parent }) => [parent, id]));
  let leaf = turn;
  for (;;) {
    const next = lastChild.get(leaf);
    if (next === undefined) return leaf;
    leaf = next;
  }
}

/** A turn does not begin with the space that parts words. */
export function grownText(text: string, tokenText: string): string {
  return text === '' ? tokenText.trimStart() : text + tokenText;
}
