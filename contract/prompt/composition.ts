/** Several prompts for one picture: `a cat AND a hat :0.5`. Source: Liu et al. 2022, arXiv:2206.01714 */
import { parsePrompt } from './parse.ts';
import { leavesOf } from './tree.ts';

export interface ComposedPrompt {
  readonly text: string;
  readonly weight: number;
}

const figure = /^\s*[-+]?(?:\d+\.?|\d*\.\d+)\s*$/;

/**
 * Parts around the word AND, wherever it stands, each with a weight behind its last colon. A lone
 * prompt has none, so that "16:9" stays text.
 * @returns at least one part
 */
export function splitComposition(text: string): readonly ComposedPrompt[] {
  const leaves = leavesOf(parsePrompt(text, 'resolved').nodes);
  const ands = leaves.filter(({ kind }) => kind === 'and');
  if (ands.length === 0) return [{ text, weight: 1 }];
  const colons = leaves.filter(({ kind }) => kind === 'colon');
  let at = 0;
  return [...ands, null].map((and, i) => {
    const start = ands[i - 1]?.end ?? 0;
    const end = and?.start ?? text.length;
    let colon = end;
    for (; (colons[at]?.start ?? Infinity) < end; at += 1) colon = colons[at]?.start ?? end;
    const tail = text.slice(colon + 1, end);
    return figure.test(tail)
      ? { text: text.slice(start, colon).trim(), weight: Number.parseFloat(tail) }
      : { text: text.slice(start, end).trim(), weight: 1 };
  });
}
