/**
 * A prompt in stretches of one meaning each, for an editor.
 *
 * Promises: any text parses; the stretches follow each other without a gap, so that their texts joined
 * are the prompt. Meanings come from the same tree that resolves and draws the prompt.
 */
import { weighLeaves } from './attention.ts';
import { parsePrompt } from './parse.ts';
import { promptProblems, weighingLeaves, type PromptRules } from './problems.ts';
import {
  isBranch,
  type Place,
  type PromptLeaf,
  type PromptNode,
  type PromptProblem,
  type PromptTree,
} from './tree.ts';

export type PromptMeaning =
  | 'text'
  | 'schedule'
  | 'choice'
  | 'wildcard'
  | 'variable'
  | 'adapter'
  | 'keyword';

export interface PromptSpan extends Place {
  readonly text: string;
  readonly meaning: PromptMeaning;
  readonly weight: number;
  /** What is odd here; null if nothing is. */
  readonly problem: string | null;
}

export function promptSpans(text: string, rules: PromptRules): readonly PromptSpan[] {
  return readPrompt(text, rules).spans;
}

/** @returns stretches, and what is odd in the order of the text */
export function readPrompt(
  text: string,
  rules: PromptRules,
): { readonly spans: readonly PromptSpan[]; readonly problems: readonly PromptProblem[] } {
  const tree = parsePrompt(text, 'template');
  const found = promptProblems(tree, rules);
  const weights = new Map<number, number>();
  for (const piece of weighLeaves(weighingLeaves(tree), rules.emphasis).pieces) {
    if (piece.kind === 'text') weights.set(piece.start, piece.weight);
  }
  const problems = new Map<number, string>();
  for (const { start, end, message } of found) {
    for (let i = start; i < end; i += 1) problems.set(i, message);
  }
  const spans: Omit<PromptSpan, 'text'>[] = [];
  for (const [{ start, end }, meaning] of meaningsOf(tree)) {
    const weight = weights.get(start) ?? 1;
    for (let from = start; from < end;) {
      const problem = problems.get(from) ?? null;
      let to = from + 1;
      while (to < end && (problems.get(to) ?? null) === problem) to += 1;
      const last = spans.at(-1);
      const isMore =
        last?.meaning === meaning && last.weight === weight && last.problem === problem;
      if (isMore) spans.pop();
      const begin = isMore ? last.start : from;
      spans.push({ start: begin, end: to, meaning, weight, problem });
      from = to;
    }
  }
  return {
    spans: spans.map((span) => ({ ...span, text: text.slice(span.start, span.end) })),
    problems: found,
  };
}

/** The two ends of the innermost brackets, braces or tag that the caret touches. */
export function bracketsAtCaret(text: string, caret: number): readonly [Place, Place] | null {
  let found: readonly [Place, Place] | null = null;
  const touches = ({ start, end }: Place) => start <= caret && caret <= end;
  const visit = (nodes: readonly PromptNode[]) => {
    for (const node of nodes) {
      if (!isBranch(node) || !touches(node)) continue;
      const [first] = node.children;
      const last = node.children.at(-1);
      if (first && last && first !== last && (touches(first) || touches(last)))
        found = [first, last];
      visit(node.children);
    }
  };
  visit(parsePrompt(text, 'template').nodes);
  return found;
}

const leafMeanings: Partial<Record<PromptNode['kind'], PromptMeaning>> = {
  and: 'keyword',
  break: 'keyword',
  placeholder: 'keyword',
  wildcard: 'wildcard',
};
const branchMeanings: Partial<Record<PromptNode['kind'], PromptMeaning>> = {
  schedule: 'schedule',
  alternation: 'schedule',
  choice: 'choice',
  assign: 'variable',
  variable: 'variable',
  lora: 'adapter',
};

/** A leaf means what the innermost branch around it means, unless it means something by itself. */
function meaningsOf({ nodes }: PromptTree): readonly (readonly [PromptLeaf, PromptMeaning])[] {
  const meanings: (readonly [PromptLeaf, PromptMeaning])[] = [];
  const visit = (list: readonly PromptNode[], around: PromptMeaning) => {
    for (const node of list) {
      if (isBranch(node)) visit(node.children, branchMeanings[node.kind] ?? around);
      else meanings.push([node, leafMeanings[node.kind] ?? around]);
    }
  };
  visit(nodes, 'text');
  return meanings;
}
