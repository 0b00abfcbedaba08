/** What of a scene is told to the model for each task; the studio puts the rest of the context around it. Pure. */
import type { Node } from 'prosemirror-model';
import type { Run } from '../../../../contract/scenes.ts';

export type Task = Run['task'];
export type ChangeTask = Extract<Task, 'rewrite' | 'expand' | 'shorten' | 'tone' | 'custom'>;

export interface Reading {
  /** From the scene's beginning: what is left out for room is cut where the model finds the same beginning again. */
  readonly before: string;
  /** The passage that is to be changed; empty where nothing is. */
  readonly selection: string;
  readonly after: string;
}

const charactersAfter = 4_000;

const textBetween = (doc: Node, from: number, to: number): string =>
  doc.textBetween(from, Math.min(doc.content.size, to), '\n\n', '\n');

export function readingAt(doc: Node, position: number): Reading {
  return readingOf(doc, position, position);
}

/** @param from start of the passage that is to be changed @param to its end */
export function readingOf(doc: Node, from: number, to: number): Reading {
  return {
    before: textBetween(doc, 0, from),
    selection: textBetween(doc, from, to),
    after: textBetween(doc, to, to + charactersAfter),
  };
}

const orders: Readonly<Record<Exclude<ChangeTask, 'tone' | 'custom'>, string>> = {
  rewrite: 'Say the same in other words, better',
  expand: 'Say it at greater length, with more detail',
  shorten: 'Say the same in fewer words',
};

/** For the person: what the model was told to do. */
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

/** Where a changed text ends: what follows it is another example of the form. */
export const changeStops = ['\n[', '\n\n\n'];
