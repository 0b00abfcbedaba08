/** A store of a scene's history that reads changes as the contract says, and believes nothing. */
import type { Node } from 'prosemirror-model';
import { Step } from 'prosemirror-transform';
import { SceneChange, type HistoryNode } from '../../../../contract/scenes.ts';
import type { StepJson } from '../../../../contract/document-text.ts';
import { schema } from '../document/schema.ts';

/** What every history begins with. */
export const emptyRoot = {
  id: 0,
  parent: null,
  at: 0,
  kind: 'typing',
  label: null,
  run: null,
  summary: '',
} as const;

export interface FollowedScene {
  readonly doc: Node;
  readonly head: number;
  /** The text at any node, from its steps. */
  readonly at: (id: number) => Node;
  readonly nodes: ReadonlyMap<number, HistoryNode>;
}

/** @throws {Error} for a change that does not fit, or whose inverse does not lead back */
export function follow(empty: Node, changes: readonly SceneChange[]): FollowedScene {
  const nodes = new Map<number, HistoryNode>();
  let doc = empty;
  let head = 0;

  function at(id: number): Node {
    const node = nodes.get(id);
    if (!node) return empty;
    const before = at(node.parent ?? 0);
    const after = take(before, node.steps);
    if (!take(after, node.inverse).eq(before)) throw new Error(`Node ${id} does not lead back.`);
    return after;
  }
  const known = (id: number): HistoryNode => {
    const node = nodes.get(id);
    if (!node) throw new Error(`There is no node ${id}.`);
    return node;
  };

  for (const sent of changes) {
    const change = SceneChange.parse(JSON.parse(JSON.stringify(sent)));
    if (change.kind === 'node') {
      const { node } = change;
      if (node.parent !== head)
        throw new Error(`${node.id} stands on ${node.parent}, not ${head}.`);
      nodes.set(node.id, node);
      doc = take(doc, node.steps);
      head = node.id;
    } else if (change.kind === 'extend') {
      if (change.id !== head) throw new Error('Another node than the head goes on.');
      nodes.set(change.id, goneOn(known(change.id), change));
      doc = take(doc, change.steps);
    } else if (change.kind === 'weave') {
      nodes.set(change.id, goneOn(known(change.id), change));
      for (const woven of change.above) {
        const node = known(woven.id);
        nodes.set(
          woven.id,
          'by' in woven
            ? {
                ...node,
                steps: node.steps.map((step) => further(step, woven.by)),
                inverse: node.inverse.map((step) => further(step, woven.by)),
              }
            : { ...node, ...woven },
        );
      }
      doc = take(doc, change.shown);
      if (!at(head).eq(doc)) throw new Error('What is woven leads to another text.');
    } else if (change.kind === 'move') {
      head = change.to;
      doc = at(head);
    } else if (change.kind === 'label') {
      nodes.set(change.id, { ...known(change.id), label: change.label });
    }
  }
  return { doc, head, at, nodes };
}

function goneOn(node: HistoryNode, change: Pick<HistoryNode, 'steps' | 'inverse'>): HistoryNode {
  return {
    ...node,
    steps: [...node.steps, ...change.steps],
    inverse: [...change.inverse, ...node.inverse],
  };
}

function further(step: StepJson, by: number): StepJson {
  return Object.fromEntries(
    Object.entries(step).map(([key, value]) => [
      key,
      /^(?:from|to|gapFrom|gapTo|pos)$/.test(key) ? Number(value) + by : value,
    ]),
  ) as StepJson;
}

function take(doc: Node, steps: readonly StepJson[]): Node {
  return steps.reduce((before, json) => {
    const { doc: after, failed } = Step.fromJSON(schema, json).apply(before);
    if (!after) throw new Error(failed ?? 'A step failed.');
    return after;
  }, doc);
}
