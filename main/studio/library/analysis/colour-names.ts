/** Colours that can be searched for by name, or as `#rrggbb`. */
import { readColour } from '../../../../contract/search/values.ts';
import { oklabOf, type Oklab } from './oklab.ts';

/** @param text a name, `#rgb` or `#rrggbb`, in any case @returns null for anything else */
export function parseColour(text: string): Oklab | null {
  const hex = readColour(text.trim());
  if (hex === null) return null;
  const value = Number.parseInt(hex.slice(1), 16);
  return oklabOf(value >> 16, (value >> 8) & 0xff, value & 0xff);
}
