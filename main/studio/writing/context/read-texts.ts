/**
 * What each model read last, as far as it can still know it.
 *
 * Promises: nothing is said to be known after the engine began anew.
 */
export interface ReadTexts {
  /** @param text what it read, and what it wrote after it */
  note(modelId: string, text: string): void;
  /** Empty where nothing is known. */
  last(modelId: string): string;
}

/** @param engineStart differs after every start of the engine; null while it does not run */
export function createReadTexts(engineStart: () => number | null): ReadTexts {
  const texts = new Map<string, { readonly text: string; readonly start: number | null }>();
  return {
    note: (modelId, text) => void texts.set(modelId, { text, start: engineStart() }),
    last(modelId) {
      const known = texts.get(modelId);
      return known && known.start === engineStart() ? known.text : '';
    },
  };
}
