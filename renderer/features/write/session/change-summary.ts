/** What a change did, for the history: how it is taken back, and its first words. */
import { ReplaceAroundStep, ReplaceStep, type Step, type Transform } from 'prosemirror-transform';

/** @returns from the text afterwards to the text before, in order */
export function inverseSteps(transform: Transform): Step[] {
  return transform.steps
    .map((step, index) => step.invert(transform.docs[index] ?? transform.doc))
    .toReversed();
}

/** First words that were put in; of a deletion, those that were taken out. */
export function summaryOf(transforms: readonly Transform[]): string {
  let put = '';
  let taken = '';
  for (const transform of transforms) {
    for (const [index, step] of transform.steps.entries()) {
      if (!(step instanceof ReplaceStep || step instanceof ReplaceAroundStep)) continue;
      const { content } = step.slice;
      put += content.textBetween(0, Math.min(content.size, 400), ' ', ' ');
      const before = transform.docs[index];
      if (before && step instanceof ReplaceStep)
        taken += before.textBetween(step.from, Math.min(step.to, step.from + 400), ' ', ' ');
      if (put.length > 200) break;
    }
  }
  return (put !== '' ? put : taken === '' ? '' : `− ${taken}`).slice(0, 200);
}
