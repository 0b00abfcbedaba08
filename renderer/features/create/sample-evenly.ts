/** @returns at most `most` of the items, evenly spread, always with the first and the last */
export function sampleEvenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, place) => {
    const index = Math.round((place * (items.length - 1)) / (most - 1));
    return items.slice(index, index + 1);
  }).flat();
}
