/**
 * Words that come, go or take turns while a picture is denoised: `[from:to:n]`, `[to:n]`,
 * `[from::n]`, `[a|b]`.
 *
 * Promises: any text parses; brackets that mean something else stay as they are.
 * Source: the rules of the Stable Diffusion web UI.
 */
import { parsePrompt } from './parse.ts';
import { branchesOf, isBranch, type PromptNode } from './tree.ts';

export interface ScheduledPrompt {
  readonly text: string;
  /** The last step, from 1, that it holds for. */
  readonly untilStep: number;
}

/**
 * The texts that the steps are told, in order. "Before" holds while step ≤ n, where an n with a point
 * is a share of the steps, cut to a whole number.
 * @param text a resolved prompt, or a part of one
 * @param steps at least 1
 * @returns equal neighbours as one; the last one's `untilStep` is `steps`
 */
export function promptSchedule(text: string, steps: number): readonly ScheduledPrompt[] {
  const { nodes } = parsePrompt(text, 'resolved');
  const ends = new Set<number>([steps]);
  for (const branch of branchesOf(nodes)) {
    if (branch.kind === 'alternation') for (let step = 1; step <= steps; step += 1) ends.add(step);
    if (branch.kind !== 'schedule') continue;
    const last = lastStepOf(branch.when, steps);
    if (last >= 1) ends.add(last);
  }
  const result: ScheduledPrompt[] = [];
  for (const untilStep of [...ends].toSorted((a, b) => a - b)) {
    const own = textAt(nodes, untilStep, steps);
    if (result.at(-1)?.text === own) result.pop();
    result.push({ text: own, untilStep });
  }
  return result;
}

function lastStepOf(when: string, steps: number): number {
  const value = Number.parseFloat(when);
  return Math.min(steps, Math.trunc(when.includes('.') ? value * steps : value));
}

function textAt(nodes: readonly PromptNode[], step: number, steps: number): string {
  const texts: string[] = [];
  const write = (list: readonly PromptNode[]) => {
    for (const node of list) {
      if (!isBranch(node)) texts.push(node.text);
      else if (node.kind === 'schedule')
        write(step <= lastStepOf(node.when, steps) ? node.before : node.after);
      else if (node.kind === 'alternation')
        write(node.options[(step - 1) % node.options.length] ?? []);
      else write(node.children);
    }
  };
  write(nodes);
  return texts.join('');
}
