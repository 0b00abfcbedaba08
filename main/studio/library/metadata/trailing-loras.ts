/** LoRA tags at a prompt's end, where this program writes those that were chosen beside the prompt. */
import { LoraUse } from '../../../../contract/image-options.ts';
import { takeAdapters } from '../../../../contract/prompt/adapters.ts';
import { installedAs, type Installed } from './installed.ts';

const mostLoras = 32;

/** Characters. In longer prompts tags stay where they are; nobody writes such. */
const longestTagged = 20_000;

/** Parsing a prompt for tags that it does not have would take longer than all else. */
export function hasTags(prompt: string): boolean {
  return prompt.length <= longestTagged && /<lora:/i.test(prompt);
}

/**
 * Tags that stand elsewhere, or name what is not installed, stay in the text.
 * @param hashes of the `Lora hashes` pair: a file may have another name here
 * @param left is told of every LoRA that is not installed
 */
export function takeTrailingLoras(
  prompt: string,
  hashes: string | undefined,
  installed: Installed,
  left: string[],
): { readonly text: string; readonly loras: readonly LoraUse[] } {
  const digits = new Map(
    (hashes?.split(',') ?? []).map((entry) => {
      const colon = entry.lastIndexOf(':');
      return [entry.slice(0, colon).trim(), entry.slice(colon + 1).trim()] as const;
    }),
  );
  if (!hasTags(prompt)) return { text: prompt, loras: [] };
  const tags = takeAdapters(prompt).loras.map((tag) => ({
    ...tag,
    id: installedAs(installed, 'lora', tag.name, digits.get(tag.name)),
  }));
  const missing = new Set(tags.filter(({ id }) => id === null).map(({ name }) => name));
  for (const name of missing)
    left.push(`The LoRA “${name}” is not installed. It stays in the prompt, for when it is.`);

  let text = prompt;
  const loras: LoraUse[] = [];
  for (const { id, start, end, unetWeight, textWeight } of tags.toReversed()) {
    const isLast = text.slice(end).trim() === '';
    const use = LoraUse.safeParse({ id, unetWeight, textWeight });
    if (!isLast || !use.success || loras.length === mostLoras) break;
    text = text.slice(0, start).trimEnd();
    loras.unshift(use.data);
  }
  return { text: renamed(text, tags, installed), loras };
}

/** A tag that stays and whose file has another name here names that one. */
function renamed(
  text: string,
  tags: readonly { name: string; id: string | null; start: number; end: number }[],
  installed: Installed,
): string {
  let result = text;
  for (const { name, id, start, end } of tags.toReversed()) {
    if (id === null || end > text.length || installedAs(installed, 'lora', name) !== null) continue;
    const tag = result.slice(start, end).replace(name, () => id);
    result = result.slice(0, start) + tag + result.slice(end);
  }
  return result;
}
