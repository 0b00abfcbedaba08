/** What is sent of a history: fewer changes with the same meaning. Pure. */
import { StepMap } from 'prosemirror-transform';
import type { StepJson } from '../../../../contract/document-text.ts';
import type { HistoryNode, RunId, SceneChange, WovenNode } from '../../../../contract/scenes.ts';
import { appendSteps, parseStep, prependSteps, stepJson } from './merge-steps.ts';

/**
 * Fewer changes with the same meaning, for the wire: what goes on in a node becomes one change.
 * A node's own steps are those at its end, so a node and what extends it become one.
 */
export function compactChanges(changes: readonly SceneChange[]): SceneChange[] {
  const compact: SceneChange[] = [];
  for (const change of onlyLastSettled(changes)) {
    const last = compact.at(-1);
    if (change.kind === 'extend' && last?.kind === 'node' && last.node.id === change.id) {
      compact[compact.length - 1] = {
        kind: 'node',
        node: { ...last.node, ...joined(last.node, change), at: change.at },
      };
    } else if (change.kind === 'extend' && last?.kind === 'extend' && last.id === change.id) {
      compact[compact.length - 1] = { ...change, ...joined(last, change) };
    } else if (change.kind === 'weave' && last?.kind === 'weave' && last.id === change.id) {
      compact[compact.length - 1] = {
        ...change,
        ...joined(last, change),
        shown: appendSteps(last.shown.map(parseStep), change.shown.map(parseStep)).map(stepJson),
        above: wovenTwice(last.above, change.above),
      };
    } else if (change.kind === 'move' && last?.kind === 'move') {
      compact[compact.length - 1] = change;
    } else compact.push(change);
  }
  return compact;
}

/** What is settled of a run only grows, so that the last word on it holds all. */
function onlyLastSettled(changes: readonly SceneChange[]): SceneChange[] {
  const last = new Map<RunId, SceneChange>();
  for (const change of changes) if (change.kind === 'settled') last.set(change.run, change);
  return changes.filter((change) => change.kind !== 'settled' || last.get(change.run) === change);
}

type Stepped = Pick<HistoryNode, 'steps' | 'inverse' | 'selection' | 'summary'>;

function joined(first: Stepped, second: Stepped): Stepped {
  return {
    steps: appendSteps(first.steps.map(parseStep), second.steps.map(parseStep)).map(stepJson),
    inverse: prependSteps(second.inverse.map(parseStep), first.inverse.map(parseStep)).map(
      stepJson,
    ),
    selection: second.selection,
    summary: second.summary,
  };
}

function wovenTwice(first: readonly WovenNode[], second: readonly WovenNode[]): WovenNode[] {
  const known = new Map(first.map((node) => [node.id, node]));
  for (const node of second) {
    const before = known.get(node.id);
    known.set(node.id, before && 'by' in node ? movedOn(before, node) : node);
  }
  return [...known.values()].toSorted((a, b) => a.id - b.id);
}

function movedOn(
  node: WovenNode,
  { by, selection }: Extract<WovenNode, { readonly by: number }>,
): WovenNode {
  if ('by' in node) return { id: node.id, by: node.by + by, selection };
  const further = (steps: readonly StepJson[]) =>
    steps.flatMap((json) => {
      const step = parseStep(json).map(StepMap.offset(by));
      return step ? [stepJson(step)] : [];
    });
  return { ...node, steps: further(node.steps), inverse: further(node.inverse), selection };
}
