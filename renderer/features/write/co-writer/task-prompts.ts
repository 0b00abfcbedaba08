/** What a model reads for each task. Pure. */
import type { Node } from 'prosemirror-model';
import type { Run } from '../../../../contract/scenes.ts';

export type Task = Run['task'];
export type ChangeTask = Extract<Task, 'rewrite' | 'expand' | 'shorten' | 'tone' | 'custom'>;

/** Most of the text that is sent; what does not fit the model's context is left out at its beginning. */
const charactersBefore = 60_000;
const charactersAfter = 2_000;
const charactersAround = 3_000;

export function textBefore(doc: Node, position: number, most = charactersBefore): string {
  return doc.textBetween(Math.max(0, position - most), position, '\n\n', '\n');
}

export function textAfter(doc: Node, position: number, most = charactersAfter): string {
  return doc.textBetween(position, Math.min(doc.content.size, position + most), '\n\n', '\n');
}

/** The words on both sides of a gap, the later ones first, so that the model goes on from the gap. */
export function fillPrompt(doc: Node, position: number): string {
  const after = textAfter(doc, position).trim();
  const before = textBefore(doc, position);
  return after === ''
    ? before
    : `The text ends like this:\n\n${after}\n\nThe text from its beginning:\n\n${before}`;
}

const orders: Readonly<Record<Exclude<ChangeTask, 'tone' | 'custom'>, string>> = {
  rewrite: 'Say the same in other words, better',
  expand: 'Say it at greater length, with more detail',
  shorten: 'Say the same in fewer words',
};

export function changeOrder(task: ChangeTask, instruction: string): string {
  switch (task) {
    case 'tone':
      return `Say the same in another tone: ${instruction}`;
    case 'custom':
      return instruction;
    default:
      return instruction === '' ? orders[task] : `${orders[task]}: ${instruction}`;
  }
}

/** @param from start of the text to change @param to its end */
export function changePrompt(
  doc: Node,
  from: number,
  to: number,
  task: ChangeTask,
  instruction: string,
): string {
  const around = textBefore(doc, from, charactersAround).trim();
  return [
    ...(around === '' ? [] : [around]),
    `[Text]\n${doc.textBetween(from, to, '\n\n', '\n')}`,
    `[Task]\n${changeOrder(task, instruction)}.`,
    '[Changed text]\n',
  ].join('\n\n');
}

/** Where a changed text ends: what follows it is another example of the form. */
export const changeStops = ['\n[', '\n\n\n'];
