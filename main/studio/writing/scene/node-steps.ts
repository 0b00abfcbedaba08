/** What the changes of a journal make of a node's steps. */
import type { StepJson } from '../../../../contract/document-text.ts';
import type { HistoryNode, SceneChange } from '../../../../contract/scenes.ts';
import type { JournalFile } from './journal-file.ts';
import { readLine } from './journal-lines.ts';
import type { SceneState } from './scene-state.ts';

/** Steps as JSON, as they stand in the journal. */
export interface NodeSteps {
  /** From the parent's text to the node's, in order. */
  readonly steps: readonly StepJson[];
  /** From the node's text to the parent's, in order. */
  readonly inverse: readonly StepJson[];
  readonly selection: HistoryNode['selection'];
}

export const noSteps: NodeSteps = { steps: [], inverse: [], selection: null };

/** Reads a node as it stands in the journal, with what later changes made of it. */
export function storedSteps(
  journal: JournalFile,
  { nodes }: Pick<SceneState, 'nodes'>,
  id: number,
): NodeSteps {
  const { lines = [] } = nodes[id] ?? {};
  let steps = noSteps;
  for (let i = 0; i < lines.length; i += 2) {
    const from = lines[i] ?? 0;
    const found = readLine(journal.read(from, from + (lines[i + 1] ?? 0)));
    if (found?.line.kind !== 'changes') continue;
    for (const change of found.line.changes) steps = withChange(steps, change, id);
  }
  return steps;
}

/** @returns the node's steps after the change, which may be about others */
export function withChange(before: NodeSteps, change: SceneChange, id: number): NodeSteps {
  switch (change.kind) {
    case 'node':
      return change.node.id === id ? joined(before, change.node) : before;
    case 'extend':
      return change.id === id ? joined(before, change) : before;
    case 'weave': {
      if (change.id === id) return joined(before, change);
      const woven = change.above.find((node) => node.id === id);
      if (!woven) return before;
      if (!('by' in woven)) return woven;
      const { by, selection } = woven;
      const further = (step: StepJson) => movedOn(step, by);
      return {
        steps: before.steps.map(further),
        inverse: before.inverse.map(further),
        selection,
      };
    }
    default:
      return before;
  }
}

/** Steps in order; of the inverses the later one comes first. */
function joined(first: NodeSteps, second: NodeSteps): NodeSteps {
  return {
    steps: [...first.steps, ...second.steps],
    inverse: [...second.inverse, ...first.inverse],
    selection: second.selection,
  };
}

/** Every key of a step that is a place in the text. */
const places = ['from', 'to', 'gapFrom', 'gapTo', 'pos'] as const;

function movedOn(step: StepJson, by: number): StepJson {
  const moved: StepJson = { ...step };
  for (const key of places) {
    const place = step[key];
    if (typeof place === 'number') moved[key] = place + by;
  }
  return moved;
}
