/** Ways through the tree of a scene's history. Pure. A child's number is always above its parent's. */

/** Up from one node to the nearest that both descend from, then down to the other. */
export interface TreePath {
  /** Nodes whose change is taken back, in order. */
  readonly undone: readonly number[];
  /** Nodes whose change is made, in order. */
  readonly done: readonly number[];
}

/** @param parentOf −1 for the root's */
export function pathBetween(parentOf: (id: number) => number, from: number, to: number): TreePath {
  const undone: number[] = [];
  const done: number[] = [];
  let above = from;
  let below = to;
  while (above !== below) {
    if (above > below) {
      undone.push(above);
      above = parentOf(above);
    } else {
      done.push(below);
      below = parentOf(below);
    }
  }
  return { undone, done: done.reverse() };
}
