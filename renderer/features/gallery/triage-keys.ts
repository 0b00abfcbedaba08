/** Which mark a key gives a picture: the same in the grid, the viewer, a comparison and a slideshow. Pure. */
import type { ImageSummary, MarkChange } from '../../../contract/images.ts';
import type { ColourLabel } from '../../../contract/picture-facts.ts';

const labelKeys: Readonly<Record<string, ColourLabel>> = {
  '6': 'red',
  '7': 'yellow',
  '8': 'green',
  '9': 'blue',
};

/** @returns the key that gives a label; null for those that have none */
export function keyOfLabel(label: ColourLabel): string | null {
  return Object.entries(labelKeys).find(([, of]) => of === label)?.[0] ?? null;
}

interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * @param current whose label is taken away when its key is pressed again
 * @returns null for a key that marks nothing
 */
export function markOfKey(
  { key, ctrlKey, metaKey, altKey }: PressedKey,
  current: Pick<ImageSummary, 'label'> | undefined,
): MarkChange | null {
  if (ctrlKey || metaKey || altKey) return null;
  if (/^[0-5]$/.test(key)) return { rating: Number(key) };
  const label = labelKeys[key];
  if (label) return { label: current?.label === label ? null : label };
  switch (key.toLowerCase()) {
    case 'p':
      return { flag: 'pick' };
    case 'x':
      return { flag: 'reject' };
    case 'u':
      return { flag: null };
    default:
      return null;
  }
}
