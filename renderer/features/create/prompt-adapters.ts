/** What is odd about the adapters that a prompt names, and the words that bring them out. Pure. */
import { parsePrompt } from '../../../contract/prompt/parse.ts';
import { branchesOf, leavesOf } from '../../../contract/prompt/tree.ts';
import type { PromptProblem } from '../../../contract/prompts.ts';
import type { Resource } from '../../../contract/resources.ts';
import { adapterNamed, familyProblem } from '../adapters/adapter-family.ts';

const loraLimit = 10;

/** @param loras of the library; undefined until they are known: nothing is called missing then */
export function adapterProblems(
  prompt: string,
  loras: readonly Resource[] | undefined,
  modelFamily: string | null,
): readonly PromptProblem[] {
  const { nodes, problems } = parsePrompt(prompt, 'template');
  const tags = branchesOf(nodes).filter((branch) => branch.kind === 'lora');
  const odd = tags.flatMap(({ name, values, children, start, end }): PromptProblem[] => {
    const report = (message: string) => [{ start, end, message }];
    // What a choice or a wildcard puts there is known only when the picture is drawn.
    if (children.some(({ kind }) => bySeed.has(kind))) return [];
    const weights = values.map((value) => value.split('=').at(-1)?.trim() ?? '');
    const wrong = weights.find((value) => !/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(value));
    if (wrong !== undefined)
      return report(`The weight “${wrong}” of “${name}” is no number, so it counts as 1.`);
    if (weights.some((value) => Math.abs(Number(value)) > loraLimit))
      return report(
        `A weight of “${name}” is beyond ${loraLimit}; pictures fall apart long before.`,
      );
    if (loras === undefined) return [];
    const found = adapterNamed(loras, name);
    if (!found) return report(`There is no LoRA “${name}”.`);
    if (found.problem !== null) return report(`“${name}” cannot be used. ${found.problem}`);
    const mismatch = familyProblem(found, modelFamily);
    return mismatch === null ? [] : report(mismatch);
  });
  const open = problems.find(({ code }) => code === 'lora-open');
  if (!open) return odd;
  const { start, end, message } = open;
  return [...odd, { start, end, message }];
}

const bySeed: ReadonlySet<string> = new Set(['choice', 'wildcard', 'variable', 'assign']);

/** Whether words stand in a prompt already, in any case. */
export function hasWords(prompt: string, words: string): boolean {
  const leaves = leavesOf(parsePrompt(prompt, 'template').nodes);
  const texts = leaves.map(({ kind, text }, i) => {
    if (kind === 'figure' || (kind === 'colon' && leaves[i + 1]?.kind === 'figure')) return '';
    return /-(?:start|end|bar)$/.test(kind) ? ',' : text.toLowerCase();
  });
  const parts = texts.join('').split(/[,\n]/);
  return parts.some((part) => part.trim() === words.toLowerCase());
}

export function withWords(prompt: string, words: string): string {
  const before = prompt.trimEnd();
  if (before === '') return words;
  return before.endsWith(',') ? `${before} ${words}` : `${before}, ${words}`;
}
