/** Adapters that a prompt names: `<lora:name:1>`, `<lora:name:0.8:0.5>`, `<lora:name:te=0.5:unet=1>`. */
import { parsePrompt } from './parse.ts';
import { branchesOf, type Place, type PromptBranch, type PromptTree } from './tree.ts';

export interface NamedLora extends Place {
  readonly name: string;
  readonly unetWeight: number;
  readonly textWeight: number;
}

/**
 * Takes the tags out of a resolved prompt.
 * @returns the text without tags
 */
export function takeAdapters(prompt: string): {
  readonly text: string;
  readonly loras: readonly NamedLora[];
} {
  const tree = parsePrompt(prompt, 'resolved');
  let text = '';
  let from = 0;
  const loras = lorasIn(tree);
  for (const { start, end } of loras) {
    text += prompt.slice(from, start);
    from = end;
  }
  return { text: text + prompt.slice(from), loras };
}

/**
 * One weight is for both networks; of two the first is for the UNet and the second for the text
 * encoder. A weight that is no number counts as 1.
 */
export function lorasIn({ nodes }: PromptTree): readonly NamedLora[] {
  return tagsIn(nodes).map(({ name, values, start, end }) => {
    const positional = values.filter((value) => !value.includes('='));
    const named = new Map(
      values.flatMap((value) => {
        const [key = '', figure = ''] = value.split('=');
        return value.includes('=') ? [[key.trim().toLowerCase(), figure] as const] : [];
      }),
    );
    return {
      name,
      unetWeight: weightOf(named.get('unet') ?? positional[0]),
      textWeight: weightOf(named.get('te') ?? positional[1] ?? positional[0]),
      start,
      end,
    };
  });
}

/** Tags never stand within tags. */
function tagsIn(nodes: PromptTree['nodes']): Extract<PromptBranch, { kind: 'lora' }>[] {
  return branchesOf(nodes).filter((branch) => branch.kind === 'lora');
}

function weightOf(text: string | undefined): number {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? value : 1;
}
