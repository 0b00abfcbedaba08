/** Where the tokens of a text begin and end, in the model's own tokenizer. */
import { skipToken, useQuery } from '@tanstack/react-query';
import type { TextToken } from '../../../../contract/reading.ts';
import { useWindow } from '../../../app/window-model.ts';

/**
 * @param text null asks for nothing
 * @returns null until they are known
 */
export function useTokens(modelId: string, text: string | null): readonly TextToken[] | null {
  const { client } = useWindow();
  const { data } = useQuery({
    queryKey: ['tokens', modelId, text],
    queryFn:
      text === null
        ? skipToken
        : async ({ signal }) =>
            (await client['write.tokenize']({ modelId, prompt: text }, { signal })).tokens,
    gcTime: 30_000,
  });
  return text === null ? null : (data ?? null);
}
