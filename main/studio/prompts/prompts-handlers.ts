/** The prompts' part of the contract. */
import type { promptsContract } from '../../../contract/prompts.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { Library } from '../library/library.ts';
import type { Prompts } from './prompts.ts';

export function promptsHandlers(
  prompts: Prompts,
  library: Pick<Library, 'prompts'>,
): Handlers<typeof promptsContract> {
  return {
    'prompts.resolve': async ({ prompt, seed }) => {
      const { resolved, problems } = await prompts.resolveOne(prompt, seed);
      return { resolved, problems: [...problems] };
    },
    'prompts.wildcards': () => prompts.wildcards(),
    'prompts.history': async ({ text, limit }) => [...(await library.prompts(text, limit))],
    'styles.list': () => prompts.styles.all(),
    'styles.put': (style) => prompts.styles.put(style),
    'styles.remove': ({ name }) => prompts.styles.remove(name),
    'presets.list': () => prompts.presets.all(),
    'presets.put': (preset) => prompts.presets.put(preset),
    'presets.remove': ({ name }) => prompts.presets.remove(name),
  };
}
