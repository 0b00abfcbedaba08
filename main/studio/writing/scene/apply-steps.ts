/** Applies steps as JSON to a text, and refuses what does not fit it. Pure. */
import type { Node } from 'prosemirror-model';
import { Step, type StepMap } from 'prosemirror-transform';
import { StudioError } from '../../../../contract/errors.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';

export interface Applied {
  readonly doc: DocumentNode;
  readonly maps: readonly StepMap[];
}

/**
 * @param isTrusted for steps that were checked before they were written
 * @throws {StudioError} `bad-request`
 */
export function applySteps(
  doc: DocumentNode,
  steps: readonly object[],
  isTrusted = false,
): Applied {
  const maps: StepMap[] = [];
  let current = doc;
  for (const json of steps) {
    try {
      const step = Step.fromJSON(documentSchema, json);
      const { doc: next, failed } = step.apply(current);
      if (!next) throw new RangeError(failed ?? 'the step cannot be applied');
      if (!isTrusted) checkChanged(current, next);
      maps.push(step.getMap());
      current = next;
    } catch (cause) {
      throw new StudioError(
        'bad-request',
        `A change does not fit the text (${StudioError.from(cause).message}). Nothing was changed. Open the scene anew.`,
        undefined,
        { cause },
      );
    }
  }
  return { doc: current, maps };
}

/** Checks a text, but for the blocks that it shares with one that was checked. @throws {RangeError} */
function checkChanged(before: Node, after: Node): void {
  if (before === after) return;
  let from = 0;
  let end = after.childCount;
  let beforeEnd = before.childCount;
  while (from < Math.min(end, beforeEnd) && before.child(from) === after.child(from)) from += 1;
  while (end > from && beforeEnd > from && before.child(beforeEnd - 1) === after.child(end - 1)) {
    end -= 1;
    beforeEnd -= 1;
  }
  // A long text is looked through only where blocks came, went or became others.
  const isSameSequence =
    end === beforeEnd &&
    after.children
      .slice(from, end)
      .every((child, i) => child.type === before.child(from + i).type && child.marks.length === 0);
  if (!isSameSequence && !after.type.validContent(after.content))
    throw new RangeError('blocks stand where they may not');
  for (let index = from; index < end; index += 1) after.child(index).check();
}
