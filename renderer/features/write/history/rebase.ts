/** Work that was not saved yet, put on top of a text that another window has changed meanwhile. */
import type { Node } from 'prosemirror-model';
import { Mapping, Transform, type Step } from 'prosemirror-transform';
import { differenceStep } from './text-difference.ts';

export interface Rebased {
  /** Stands at the other's text and holds what is left of the unsaved work. */
  readonly transform: Transform;
  /** False where both changed the same place: then the unsaved text as a whole replaces the other's. */
  readonly isMerged: boolean;
}

/**
 * @param base    the text both started from
 * @param theirs  the text as it is saved now
 * @param unsaved steps from `base` to `mine`
 */
export function rebaseUnsaved(
  base: Node,
  theirs: Node,
  unsaved: readonly Step[],
  mine: Node,
): Rebased {
  const transform = new Transform(theirs);
  const difference = differenceStep(base, theirs);
  const mapping = new Mapping();
  // As prosemirror-collab does: back over the own steps, over the other's change, and forward again.
  const inverted: Step[] = [];
  let doc = base;
  for (const step of unsaved) {
    inverted.push(step.invert(doc));
    const { doc: after } = step.apply(doc);
    if (!after) return replaceAll(theirs, mine);
    doc = after;
  }
  for (const step of inverted.toReversed()) mapping.appendMap(step.getMap());
  if (difference) mapping.appendMap(difference.getMap());
  let mirror = inverted.length;
  let isMerged = true;
  for (const step of unsaved) {
    const over = mapping.slice(mirror);
    const mapped = liesInRemoved(step, over) ? null : step.map(over);
    mirror -= 1;
    if (!mapped || transform.maybeStep(mapped).failed) {
      isMerged = false;
      break;
    }
    mapping.appendMap(mapped.getMap(), mirror);
  }
  return isMerged ? { transform, isMerged } : replaceAll(theirs, mine);
}

function replaceAll(theirs: Node, mine: Node): Rebased {
  const transform = new Transform(theirs);
  const step = differenceStep(theirs, mine);
  if (step) transform.step(step);
  return { transform, isMerged: false };
}

/** The other window took away the text around it: put in there, it would stand in a wrong sentence. */
function liesInRemoved(step: Step, over: Mapping): boolean {
  let lies = false;
  step.getMap().forEach((start, end) => {
    lies ||= over.mapResult(start).deletedAcross || over.mapResult(end).deletedAcross;
  });
  return lies;
}
