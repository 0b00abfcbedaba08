/** Shapes of pictures, sized so that each has about as many pixels as the model was trained on. */
export interface AspectPreset {
  readonly name: string;
  readonly ratio: number;
}

export const aspectPresets: readonly AspectPreset[] = [
  { name: '1:1', ratio: 1 },
  { name: '4:3', ratio: 4 / 3 },
  { name: '3:2', ratio: 3 / 2 },
  { name: '16:9', ratio: 16 / 9 },
  { name: '3:4', ratio: 3 / 4 },
  { name: '2:3', ratio: 2 / 3 },
  { name: '9:16', ratio: 9 / 16 },
];

/**
 * @param areaPixels how many pixels the picture should have
 * @param multiple   both sides become multiples of this
 */
export function sizeForRatio(
  ratio: number,
  areaPixels: number,
  multiple: number,
): { width: number; height: number } {
  const toMultiple = (pixels: number) =>
    Math.max(multiple, Math.round(pixels / multiple) * multiple);
  return {
    width: toMultiple(Math.sqrt(areaPixels * ratio)),
    height: toMultiple(Math.sqrt(areaPixels / ratio)),
  };
}
