/**
 * Branches and names that were not saved when another window was faster, put into the history as it is now.
 *
 * Promises: the text of each unsaved branch is there again, below the present head; each name stands where it
 * stood, and one of a change that went into the merged text at that text. Pure.
 */
import type { Node } from 'prosemirror-model';
import { Transform } from 'prosemirror-transform';
import type { NodeId, SceneChange } from '../../../../contract/scenes.ts';
import {
  lineTo,
  nodeAt,
  recordBranch,
  setLabel,
  walk,
  type HistoryTree,
  type Recorded,
} from '../history/history-tree.ts';
import { differenceStep } from '../history/text-difference.ts';
import { inverseSteps } from './change-summary.ts';

/**
 * @param mine    the history as this window had it
 * @param doc     the text at its head
 * @param changes of it that were not saved
 * @param theirs  the history as it is now, with the merged text at its head
 * @param merged  that text
 */
export function keepBranches(
  mine: HistoryTree,
  doc: Node,
  changes: readonly SceneChange[],
  theirs: HistoryTree,
  merged: Node,
): Recorded {
  const unsaved = new Set(
    changes.flatMap((change) => (change.kind === 'node' ? [change.node.id] : [])),
  );
  const onLine = new Set(lineTo(mine, mine.head));
  const placed = new Map<NodeId, NodeId>();
  const recorded: SceneChange[] = [];
  let tree = theirs;
  for (const id of unsaved) {
    if (onLine.has(id)) {
      placed.set(id, theirs.head);
      continue;
    }
    const step = differenceStep(merged, textAt(mine, doc, id));
    if (!step) {
      placed.set(id, theirs.head);
      continue;
    }
    const transform = new Transform(merged).step(step);
    const { kind, run, at, summary, steps } = nodeAt(mine, id);
    const branch = recordBranch(tree, {
      kind,
      run,
      at,
      summary,
      steps: transform.steps,
      inverse: inverseSteps(transform),
      selection: steps?.selection ?? null,
    });
    placed.set(id, tree.nextId);
    tree = branch.tree;
    recorded.push(...branch.changes);
  }
  const labels = new Map(
    changes.flatMap((change) =>
      change.kind === 'label' ? [[change.id, change.label] as const] : [],
    ),
  );
  for (const [id, label] of labels) {
    const at = unsaved.has(id) ? placed.get(id) : id;
    if (at === undefined || !tree.nodes.has(at)) continue;
    const named = setLabel(tree, at, label);
    tree = named.tree;
    recorded.push(...named.changes);
  }
  return { tree, changes: recorded };
}

/** What was not saved was made here, so that no step of it has to be fetched. */
function textAt(tree: HistoryTree, doc: Node, id: NodeId): Node {
  const transform = new Transform(doc);
  walk(tree, id, transform);
  return transform.doc;
}
