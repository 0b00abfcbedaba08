/**
 * Lets a run go on in its own node of the history when a person has gone on above it meanwhile.
 *
 * Promises: what the person did is undone without the run, and the whole run by one undo; the text at the head is
 * the one that the window shows; nodes that were undone before hold the run's further words too. Pure.
 */
import type { Node } from 'prosemirror-model';
import { ReplaceStep, StepMap, Transform, type Step } from 'prosemirror-transform';
import type { NodeId, WovenNode } from '../../../../contract/scenes.ts';
import { inverseSteps } from '../session/change-summary.ts';
import {
  nodeAt,
  withNodes,
  type Caret,
  type HistoryTree,
  type NewChange,
  type NodeSteps,
  type Recorded,
  type TreeNode,
} from './history-tree.ts';
import { appendSteps, joinSummary, mergeSteps, prependSteps, stepJson } from './merge-steps.ts';
import { differenceStep } from './text-difference.ts';

/** A text with the run's further words, and where they begin; null where they are no part of it. */
interface Grown {
  readonly doc: Node;
  readonly place: number | null;
}

/**
 * @param doc    at the head, before the change
 * @param shown  at the head, after it
 * @param change words that a run puts in at one place
 * @returns null where the change is a node of its own, or goes on in the head
 */
export function weave(
  tree: HistoryTree,
  doc: Node,
  shown: Node,
  change: NewChange,
): Recorded | null {
  const put = insertionOf(change.steps);
  const line = change.kind === 'generation' && lineToRun(tree, change);
  const own = line ? line.pop() : undefined;
  if (!put || !line || !own?.steps || own.children.length === 0) return null;
  const above = descendantsOf(tree, own);
  // A snapshot stays what it is.
  if ([own, ...above].some(({ label, steps }) => label !== null || steps === null)) return null;

  const back = new Transform(doc);
  for (const node of line) for (const step of node.steps?.backward ?? []) back.step(step);
  const place = endOf(own.steps.forward);
  if (place === null) return null;
  const grown = new Transform(back.doc);
  const steps = change.steps.map((step) => shifted(step, place - put.position));
  for (const step of steps) if (grown.maybeStep(step).failed) return null;
  const inverse = inverseSteps(grown);

  const caretPast = (caret: Caret, at: number) => caret && movedCaret(caret, at, put.size);
  const summary = joinSummary(own.summary, own.summary.length < 60 ? change.summary : '');
  const selection = caretPast(own.steps.selection, place);
  const texts = new Map<NodeId, Grown>([[own.id, { doc: grown.doc, place }]]);
  const changed: TreeNode[] = [
    {
      ...own,
      at: change.at,
      summary,
      steps: {
        forward: appendSteps(own.steps.forward, steps),
        backward: prependSteps(inverse, own.steps.backward),
        selection,
      },
    },
  ];
  const woven: WovenNode[] = [];
  for (const node of above) {
    const parent = texts.get(node.parent ?? 0);
    if (!parent || !node.steps) return null;
    const moved =
      moveOver(node.steps, parent, put.size) ??
      keepText(parent.doc, textAt(back.doc, tree, own.id, node));
    const isHead = node.id === tree.head;
    const { by, forward, backward, doc } = isHead ? leadTo(shown, moved) : moved;
    const end = isHead ? put.position : moved.place;
    texts.set(node.id, { doc, place: end });
    const caret = end === null ? node.steps.selection : caretPast(node.steps.selection, end);
    if (by === 0 && sameCaret(caret, node.steps.selection)) continue;
    changed.push({ ...node, steps: { forward, backward, selection: caret } });
    woven.push({
      id: node.id,
      selection: caret,
      ...(by === null ? { steps: forward.map(stepJson), inverse: backward.map(stepJson) } : { by }),
    });
  }
  return {
    tree: { ...tree, nodes: withNodes(tree, ...changed) },
    changes: [
      {
        kind: 'weave',
        id: own.id,
        at: change.at,
        steps: steps.map(stepJson),
        inverse: inverse.map(stepJson),
        selection,
        summary,
        shown: change.steps.map(stepJson),
        above: woven,
      },
    ],
  };
}

/** @returns where the steps put something in without taking anything out; null if they do anything else */
function insertionOf(
  steps: readonly Step[],
): { readonly position: number; readonly size: number } | null {
  const [first] = steps;
  if (!(first instanceof ReplaceStep)) return null;
  let size = 0;
  for (const step of steps) {
    if (!(step instanceof ReplaceStep) || step.from !== step.to) return null;
    if (step.from < first.from || step.from > first.from + size) return null;
    size += step.slice.size;
  }
  return { position: first.from, size };
}

/** Where the run's words end in its own text, whatever was done above it; null where it has none. */
function endOf(steps: readonly Step[]): number | null {
  const last = steps.at(-1);
  return last instanceof ReplaceStep ? last.from + last.slice.size : null;
}

/** @returns the head and what lies below it down to the run's node; null where the run has none there */
function lineToRun(tree: HistoryTree, { run, kind }: NewChange): TreeNode[] | null {
  const line: TreeNode[] = [];
  for (let id: NodeId | null = tree.head; id !== null;) {
    const node: TreeNode = nodeAt(tree, id);
    line.push(node);
    if (node.run === run && node.kind === kind) return line;
    id = node.parent;
  }
  return null;
}

/** In the order of their numbers, so that every node comes behind its parent. */
function descendantsOf(tree: HistoryTree, { children }: TreeNode): TreeNode[] {
  const found: TreeNode[] = [];
  const waiting = [...children];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = nodeAt(tree, id);
    found.push(node);
    waiting.push(...node.children);
  }
  return found.toSorted((a, b) => a.id - b.id);
}

interface Moved extends Grown, Pick<NodeSteps, 'forward' | 'backward'> {
  /** How much further on all of it stands; null where it is not the same in another place. */
  readonly by: number | null;
}

/** The same steps on a text that has `size` more at its place; null where they do not fit it. */
function moveOver(steps: NodeSteps, parent: Grown, size: number): Moved | null {
  let { place } = parent;
  const distances = new Set<number>();
  const transform = new Transform(parent.doc);
  for (const step of steps.forward) {
    const moved = place === null ? step : movedStep(step, place, size);
    if (!moved || transform.maybeStep(moved).failed) return null;
    const before = positionsOf(step);
    positionsOf(moved).forEach((position, i) => distances.add(position - (before[i] ?? 0)));
    if (place === null) continue;
    const after = step.getMap().mapResult(place, 1);
    place = after.deletedAcross ? null : after.pos;
  }
  const [by = 0, ...others] = distances;
  const grown = { doc: transform.doc, place };
  return others.length === 0
    ? { ...grown, by, ...shiftedSteps(steps, by) }
    : {
        ...grown,
        by: null,
        forward: transform.steps,
        backward: mergeSteps(inverseSteps(transform)),
      };
}

const shifted = (step: Step, by: number): Step =>
  // Nothing is taken out, so that no step is lost.
  by === 0 ? step : (step.map(StepMap.offset(by)) ?? step);

function shiftedSteps(
  { forward, backward }: NodeSteps,
  by: number,
): Pick<NodeSteps, 'forward' | 'backward'> {
  return {
    forward: forward.map((step) => shifted(step, by)),
    backward: backward.map((step) => shifted(step, by)),
  };
}

/** Every place in the text that a step names. */
function positionsOf(step: Step): number[] {
  const { from, to, gapFrom, gapTo, pos } = step as Step & Partial<Record<string, unknown>>;
  return [from, to, gapFrom, gapTo, pos].filter((position) => typeof position === 'number');
}

/** What was put in where the run writes stands before the words that come. */
function movedStep(step: Step, place: number, size: number): Step | null {
  if (step instanceof ReplaceStep && step.from === step.to)
    return step.from <= place ? step : shifted(step, size);
  return step.map(new StepMap([place, 0, size]));
}

/** To the text that the node had before, whatever its parent has become. */
function keepText(parent: Node, doc: Node): Moved {
  const transform = new Transform(parent);
  const step = differenceStep(parent, doc);
  if (step) transform.step(step);
  return {
    forward: transform.steps,
    backward: inverseSteps(transform),
    doc: transform.doc,
    place: null,
    by: null,
  };
}

/** The window's text is what holds: where the moved steps lead elsewhere, one more leads to it. */
function leadTo(shown: Node, moved: Moved): Moved {
  const step = moved.doc.eq(shown) ? null : differenceStep(moved.doc, shown);
  if (!step) return moved;
  return {
    ...moved,
    by: null,
    doc: shown,
    forward: appendSteps(moved.forward, [step]),
    backward: prependSteps([step.invert(moved.doc)], moved.backward),
  };
}

/** A caret at the place itself stays before the words that come. */
function movedCaret({ anchor, head }: NonNullable<Caret>, place: number, size: number): Caret {
  const moved = (position: number) => (position > place ? position + size : position);
  return { anchor: moved(anchor), head: moved(head) };
}

function sameCaret(one: Caret, other: Caret): boolean {
  return one?.anchor === other?.anchor && one?.head === other?.head;
}

/** The text of a node as it was, from that of the run's node. */
function textAt(doc: Node, tree: HistoryTree, from: NodeId, node: TreeNode): Node {
  const down: TreeNode[] = [];
  for (let at = node; at.id !== from; at = nodeAt(tree, at.parent ?? 0)) down.push(at);
  const transform = new Transform(doc);
  for (const each of down.toReversed())
    for (const step of each.steps?.forward ?? []) transform.step(step);
  return transform.doc;
}
