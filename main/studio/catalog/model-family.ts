/** Families of models by the width of the prompt embeddings that a network attends to. */

const familyOfWidths: ReadonlyMap<number, string> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [1280, 'sdxl-refiner'],
  [2048, 'sdxl'],
]);

/** @param width null or undefined where the file does not tell @returns null for widths of no known family */
export function familyOfWidth(width: number | null | undefined): string | null {
  return familyOfWidths.get(width ?? 0) ?? null;
}
