/** What is odd about the adapters that a prompt names, and the words that bring them out. Pure. */
import { takeAdapters } from '../../../contract/prompt/adapters.ts';
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
  const problems = takeAdapters(prompt).loras.flatMap(({ name, start, end }): PromptProblem[] => {
    const report = (message: string) => [{ start, end, message }];
    const weights = prompt
      .slice(start, end - 1)
      .split(':')
      .slice(2)
      .map((value) => value.split('=').at(-1)?.trim() ?? '');
    const odd = weights.find((value) => !/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(value));
    if (odd !== undefined)
      return report(`The weight “${odd}” of “${name}” is no number, so it counts as 1.`);
    if (weights.some((value) => Math.abs(Number(value)) > loraLimit))
      return report(
        `A weight of “${name}” is beyond ${loraLimit}; pictures fall apart long before.`,
      );
    // What a choice or a wildcard puts there is known only when the picture is drawn.
    if (loras === undefined || /[{}$]|__/.test(name)) return [];
    const found = adapterNamed(loras, name);
    if (!found) return report(`There is no LoRA “${name}”.`);
    if (found.problem !== null) return report(`“${name}” cannot be used. ${found.problem}`);
    const mismatch = familyProblem(found, modelFamily);
    return mismatch === null ? [] : report(mismatch);
  });
  const open = /<lora:[^<>\n]*(?=\n|<|$)/i.exec(prompt);
  if (!open) return problems;
  const place = { start: open.index, end: open.index + open[0].length };
  return [...problems, { ...place, message: 'This LoRA needs a “>” at its end.' }];
}

/** Whether words stand in a prompt already, in any case. */
export function hasWords(prompt: string, words: string): boolean {
  const parts = prompt.toLowerCase().split(/[,\n()[\]]/);
  return parts.some((part) => part.replace(/:[\d.]+$/, '').trim() === words.toLowerCase());
}

export function withWords(prompt: string, words: string): string {
  const before = prompt.trimEnd();
  if (before === '') return words;
  return before.endsWith(',') ? `${before} ${words}` : `${before}, ${words}`;
}
