/**
 * Everything that ever happened to a scene, as a tree one can walk. No DOM.
 *
 * Promises: nothing is ever removed; undo goes to the parent, redo to the child visited last; what is
 * done here is reported as the changes that the studio keeps.
 */
import type { Step, Transform } from 'prosemirror-transform';
import type {
  changeKinds,
  HistoryNode,
  NodeId,
  NodeInfo,
  RunId,
  SceneChange,
} from '../../../../contract/scenes.ts';
import {
  appendSteps,
  joinSummary,
  mergeSteps,
  parseStep,
  prependSteps,
  stepJson,
} from './merge-steps.ts';

export type ChangeKind = (typeof changeKinds)[number];
export type Caret = HistoryNode['selection'];

/** Typing that goes on within this time is one change. */
const pauseMs = 1_000;
/** No change grows beyond this, so that one undo never takes minutes of work. */
const mostSteps = 40;

export interface NodeSteps {
  readonly forward: readonly Step[];
  readonly backward: readonly Step[];
  readonly selection: Caret;
}

export interface TreeNode extends NodeInfo {
  readonly children: readonly NodeId[];
  /** Where redo goes. */
  readonly visited: NodeId | null;
  /** Null until they are fetched. */
  readonly steps: NodeSteps | null;
}

export interface HistoryTree {
  readonly nodes: ReadonlyMap<NodeId, TreeNode>;
  readonly head: NodeId;
  readonly nextId: NodeId;
  /** The next change starts a node of its own. */
  readonly sealed: boolean;
  readonly lastAt: number;
}

export interface NewChange {
  readonly kind: ChangeKind;
  readonly run?: RunId | null;
  readonly steps: readonly Step[];
  /** From the text afterwards to the text before. */
  readonly inverse: readonly Step[];
  readonly at: number;
  readonly selection: Caret;
  readonly summary: string;
}

export interface Recorded {
  readonly tree: HistoryTree;
  readonly changes: readonly SceneChange[];
}

/** @param nodes of a scene as it was opened */
export function openTree(nodes: readonly NodeInfo[], head: NodeId): HistoryTree {
  const children = Map.groupBy(
    nodes.filter(({ parent }) => parent !== null),
    ({ parent }) => parent,
  );
  const tree = new Map<NodeId, TreeNode>();
  let nextId = 1;
  for (const info of nodes) {
    const ids = (children.get(info.id) ?? []).map(({ id }) => id).toSorted((a, b) => a - b);
    tree.set(info.id, { ...info, children: ids, visited: ids.at(-1) ?? null, steps: null });
    nextId = Math.max(nextId, info.id + 1);
  }
  for (let id: NodeId | null = head; id !== null;) {
    const node: TreeNode | undefined = tree.get(id);
    const parent = node?.parent == null ? undefined : tree.get(node.parent);
    if (parent) tree.set(parent.id, { ...parent, visited: id });
    id = parent?.id ?? null;
  }
  return { nodes: tree, head, nextId, sealed: true, lastAt: 0 };
}

/** Takes in what was done to the text of the head. */
export function record(tree: HistoryTree, change: NewChange): Recorded {
  const head = nodeAt(tree, tree.head);
  const run = change.run ?? null;
  const goesOn =
    head.parent !== null &&
    head.kind === change.kind &&
    head.run === run &&
    head.children.length === 0 &&
    head.label === null &&
    head.steps !== null &&
    (change.kind === 'typing'
      ? !tree.sealed && change.at - tree.lastAt <= pauseMs && head.steps.forward.length < mostSteps
      : change.kind === 'generation');
  if (!goesOn) return addNode(tree, change);
  const steps: NodeSteps = {
    forward: appendSteps(head.steps?.forward ?? [], change.steps),
    backward: prependSteps(change.inverse, head.steps?.backward ?? []),
    selection: change.selection,
  };
  const summary =
    head.summary.length < 60 ? joinSummary(head.summary, change.summary) : head.summary;
  return {
    tree: {
      ...tree,
      nodes: withNodes(tree, { ...head, steps, summary, at: change.at }),
      lastAt: change.at,
    },
    changes: [
      {
        kind: 'extend',
        id: head.id,
        at: change.at,
        steps: change.steps.map(stepJson),
        inverse: change.inverse.map(stepJson),
        selection: change.selection,
        summary,
      },
    ],
  };
}

function addNode(tree: HistoryTree, change: NewChange): Recorded {
  const parent = nodeAt(tree, tree.head);
  const node: TreeNode = {
    id: tree.nextId,
    parent: parent.id,
    at: change.at,
    kind: change.kind,
    label: null,
    run: change.run ?? null,
    summary: change.summary.slice(0, 200),
    children: [],
    visited: null,
    steps: {
      forward: mergeSteps(change.steps),
      backward: mergeSteps(change.inverse),
      selection: change.selection,
    },
  };
  return {
    tree: {
      nodes: withNodes(tree, node, {
        ...parent,
        children: [...parent.children, node.id],
        visited: node.id,
      }),
      head: node.id,
      nextId: tree.nextId + 1,
      sealed: false,
      lastAt: change.at,
    },
    changes: [{ kind: 'node', node: toHistoryNode(node) }],
  };
}

/** A text that was not taken, kept beside the head's own future: the head stays where it is. */
export function recordBranch(tree: HistoryTree, change: NewChange): Recorded {
  const visited = nodeAt(tree, tree.head).visited;
  const added = addNode(tree, change);
  const parent = nodeAt(added.tree, tree.head);
  return {
    tree: {
      ...added.tree,
      nodes: withNodes(added.tree, { ...parent, visited: visited ?? parent.visited }),
      head: tree.head,
      sealed: true,
    },
    changes: [...added.changes, { kind: 'move', to: tree.head }],
  };
}

/** @param label a snapshot's name; null takes it away */
export function setLabel(tree: HistoryTree, id: NodeId, label: string | null): Recorded {
  const node = nodeAt(tree, id);
  return {
    tree: { ...tree, nodes: withNodes(tree, { ...node, label }), sealed: true },
    changes: [{ kind: 'label', id, label }],
  };
}

/** What follows is a change of its own. */
export const seal = (tree: HistoryTree): HistoryTree => ({ ...tree, sealed: true });

/** Where undo leads; null at the root. */
export function undoTarget(tree: HistoryTree): NodeId | null {
  return nodeAt(tree, tree.head).parent;
}

export function redoTarget(tree: HistoryTree): NodeId | null {
  return nodeAt(tree, tree.head).visited;
}

export interface Path {
  /** Nodes whose change is taken back, in order. */
  readonly up: readonly NodeId[];
  /** Nodes whose change is made, in order. */
  readonly down: readonly NodeId[];
}

/** The way from the head to any node, over their nearest common ancestor. */
export function pathTo(tree: HistoryTree, target: NodeId): Path {
  const ancestors = lineTo(tree, tree.head);
  const known = new Map(ancestors.map((id, index) => [id, index]));
  const down: NodeId[] = [];
  let id: NodeId | null = target;
  while (id !== null && !known.has(id)) {
    down.push(id);
    id = nodeAt(tree, id).parent;
  }
  const common = id === null ? ancestors.length : (known.get(id) ?? 0);
  return { up: ancestors.slice(0, common), down: down.reverse() };
}

/** @returns a node and its ancestors, the node first */
export function lineTo(tree: HistoryTree, from: NodeId): NodeId[] {
  const line: NodeId[] = [];
  for (let id: NodeId | null = from; id !== null; id = nodeAt(tree, id).parent) line.push(id);
  return line;
}

/** Those on the way whose steps must be fetched first. */
export function missingSteps(tree: HistoryTree, path: Path): NodeId[] {
  return [...path.up, ...path.down].filter((id) => nodeAt(tree, id).steps === null);
}

export function withSteps(tree: HistoryTree, fetched: readonly HistoryNode[]): HistoryTree {
  const parsed = fetched.flatMap((node) => {
    const known = tree.nodes.get(node.id);
    if (!known || known.steps !== null) return [];
    return [
      {
        ...known,
        steps: {
          forward: node.steps.map(parseStep),
          backward: node.inverse.map(parseStep),
          selection: node.selection,
        },
      },
    ];
  });
  return { ...tree, nodes: withNodes(tree, ...parsed) };
}

/**
 * Walks to a node: applies what lies on the way to a transform that stands at the head's text.
 * @throws {RangeError} if a step does not fit, or steps on the way are missing
 */
export function walk(
  tree: HistoryTree,
  target: NodeId,
  transform: Transform,
): Recorded & { readonly selection: Caret } {
  const path = pathTo(tree, target);
  for (const id of path.up) {
    for (const step of nodeAt(tree, id).steps?.backward ?? missing(id)) transform.step(step);
  }
  for (const id of path.down) {
    for (const step of nodeAt(tree, id).steps?.forward ?? missing(id)) transform.step(step);
  }
  const visited = lineTo(tree, target).flatMap((id) => {
    const { parent } = nodeAt(tree, id);
    return parent === null ? [] : [{ ...nodeAt(tree, parent), visited: id }];
  });
  return {
    tree: { ...tree, nodes: withNodes(tree, ...visited), head: target, sealed: true },
    changes: target === tree.head ? [] : [{ kind: 'move', to: target }],
    selection: nodeAt(tree, target).steps?.selection ?? null,
  };
}

export function nodeAt(tree: HistoryTree, id: NodeId): TreeNode {
  const node = tree.nodes.get(id);
  if (!node) throw new RangeError(`The history has no node ${id}.`);
  return node;
}

function toHistoryNode({
  children: _children,
  visited: _visited,
  steps,
  ...info
}: TreeNode): HistoryNode {
  return {
    ...info,
    steps: (steps?.forward ?? []).map(stepJson),
    inverse: (steps?.backward ?? []).map(stepJson),
    selection: steps?.selection ?? null,
  };
}

export function withNodes(
  tree: HistoryTree,
  ...changed: readonly TreeNode[]
): Map<NodeId, TreeNode> {
  const nodes = new Map(tree.nodes);
  for (const node of changed) nodes.set(node.id, node);
  return nodes;
}

function missing(id: NodeId): never {
  throw new RangeError(`The steps of node ${id} were not fetched.`);
}
