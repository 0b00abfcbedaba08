/** Both prompts in the shortest writing that means the same. */
import { canonicalPrompt } from '../../../contract/prompt/canonical.ts';
import { parsePrompt } from '../../../contract/prompt/parse.ts';
import type { CreateDraft } from './create-draft.ts';

type Prompts = Pick<CreateDraft, 'prompt' | 'negativePrompt'>;

/** @returns null where nothing would change */
export function tidyPrompts({ prompt, negativePrompt }: Prompts): Prompts | null {
  const tidy = {
    prompt: canonicalPrompt(parsePrompt(prompt, 'template')),
    negativePrompt: canonicalPrompt(parsePrompt(negativePrompt, 'template')),
  };
  return tidy.prompt === prompt && tidy.negativePrompt === negativePrompt ? null : tidy;
}
