/**
 * What each model read last, as far as it can still know it.
 *
 * Promises: nothing is said to be known after the engine began anew.
 */
import type { WriteRequest } from '../../../../contract/write.ts';

export interface ReadText {
  /** As it was asked for; null where nothing is known. */
  readonly told: Pick<WriteRequest, 'prompt' | 'messages'> | null;
  /** Behind it, as they were drawn: a tokenizer may divide the same text in another way. */
  readonly writtenTokens: readonly number[];
}

export interface ReadTexts {
  note(modelId: string, read: ReadText): void;
  last(modelId: string): ReadText;
}

const nothing: ReadText = { told: null, writtenTokens: [] };

/** @param engineStart differs after every start of the engine; null while it does not run */
export function createReadTexts(engineStart: () => number | null): ReadTexts {
  const texts = new Map<string, { readonly read: ReadText; readonly start: number | null }>();
  return {
    note: (modelId, read) => void texts.set(modelId, { read, start: engineStart() }),
    last(modelId) {
      const known = texts.get(modelId);
      return known && known.start === engineStart() ? known.read : nothing;
    },
  };
}
