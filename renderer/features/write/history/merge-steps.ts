/** Lists of steps that go on: steps that continue each other become one. Pure. */
import { Step } from 'prosemirror-transform';
import type { StepJson } from '../../../../contract/document-text.ts';
import { schema } from '../document/schema.ts';

/** Each list is merged in itself already, so that only the seam is looked at. */
export function appendSteps(steps: readonly Step[], added: readonly Step[]): Step[] {
  return [...steps.slice(0, -1), ...mergeSteps([...steps.slice(-1), ...added])];
}

export function prependSteps(added: readonly Step[], steps: readonly Step[]): Step[] {
  return [...mergeSteps([...added, ...steps.slice(0, 1)]), ...steps.slice(1)];
}

export function mergeSteps(steps: readonly Step[]): Step[] {
  const merged: Step[] = [];
  for (const step of steps) {
    const last = merged.at(-1);
    const both = last?.merge(step);
    if (both) merged[merged.length - 1] = both;
    else merged.push(step);
  }
  return merged;
}

export const parseStep = (json: StepJson): Step => Step.fromJSON(schema, json);
export const stepJson = (step: Step): StepJson => step.toJSON() as StepJson;

export function joinSummary(before: string, after: string): string {
  // What was taken out again on the way says nothing of what was written.
  if (before !== '' && after.startsWith('− ')) return before;
  return `${before}${after}`.slice(0, 200);
}
