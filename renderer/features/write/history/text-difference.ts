/** The one change that turns one text into another. */
import type { Node } from 'prosemirror-model';
import { ReplaceStep } from 'prosemirror-transform';

/** @returns null where both are the same */
export function differenceStep(before: Node, after: Node): ReplaceStep | null {
  const start = before.content.findDiffStart(after.content);
  if (start === null) return null;
  const end = before.content.findDiffEnd(after.content);
  if (end === null) return null;
  let { a: beforeEnd, b: afterEnd } = end;
  // What both have at the end may reach over what both have at the beginning.
  const overlap = start - Math.min(beforeEnd, afterEnd);
  if (overlap > 0) {
    beforeEnd += overlap;
    afterEnd += overlap;
  }
  const step = new ReplaceStep(start, beforeEnd, after.slice(start, afterEnd));
  if (step.apply(before).doc?.eq(after)) return step;
  // Blocks that were cut open in different ways: everything is put in anew.
  return new ReplaceStep(0, before.content.size, after.slice(0, after.content.size));
}
