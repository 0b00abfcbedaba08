/** The history as rows of a map, newest first, each with the lanes that pass it. Pure. */
import type { NodeId } from '../../../../contract/scenes.ts';
import type { TreeNode } from './history-tree.ts';

export interface MapRow {
  readonly id: NodeId;
  readonly lane: number;
  /** Lanes that pass this row, its own included. */
  readonly passing: readonly number[];
  /** Lanes that end here: branches that began at this node. */
  readonly joining: readonly number[];
  /** Its lane goes on upwards. */
  readonly hasNewer: boolean;
  /** Its lane goes on downwards. */
  readonly hasOlder: boolean;
}

export interface TreeMap {
  readonly rows: readonly MapRow[];
  readonly lanes: number;
}

/** @param nodes in any order; ids grow with time */
export function layOutTree(nodes: Iterable<TreeNode>): TreeMap {
  const rows: MapRow[] = [];
  /** Which node each lane leads down to; null for a free one. */
  const expected: (NodeId | null)[] = [];
  let lanes = 0;
  for (const node of [...nodes].toSorted((a, b) => b.id - a.id)) {
    const waiting = expected.flatMap((id, lane) => (id === node.id ? [lane] : []));
    const free = expected.indexOf(null);
    const lane = waiting[0] ?? (free >= 0 ? free : expected.length);
    const joining = waiting.slice(1);
    for (const ended of joining) expected[ended] = null;
    expected[lane] = node.parent;
    lanes = Math.max(lanes, expected.length);
    rows.push({
      id: node.id,
      lane,
      passing: expected.flatMap((id, other) => (id !== null || other === lane ? [other] : [])),
      joining,
      hasNewer: waiting.length > 0,
      hasOlder: node.parent !== null,
    });
    while (expected.at(-1) === null) expected.pop();
  }
  return { rows, lanes };
}
