/** Colours that can be searched for by name, or as `#rrggbb`. */
import { oklabOf, type Oklab } from './oklab.ts';

/** sRGB; what people mean by the word in a picture rather than what a screen can do at most. */
export const colourNames = {
  black: '#101010',
  grey: '#808080',
  silver: '#c0c0c0',
  white: '#fafafa',
  red: '#d62828',
  maroon: '#7a1a1a',
  pink: '#f4a6c0',
  magenta: '#d81b8c',
  purple: '#7b2d9b',
  violet: '#9467d6',
  lavender: '#c9b8ec',
  navy: '#16215b',
  blue: '#2457d6',
  'sky-blue': '#7cc4f0',
  cyan: '#22c8dc',
  teal: '#127a7a',
  mint: '#a6e8c8',
  green: '#2f9e44',
  lime: '#9bdc28',
  olive: '#75752a',
  yellow: '#f5d90a',
  gold: '#cf9a1c',
  orange: '#f08019',
  brown: '#7a4a24',
  tan: '#cdaa7d',
  beige: '#ece0c4',
} as const satisfies Readonly<Record<string, string>>;

const otherSpellings: Readonly<Record<string, keyof typeof colourNames>> = {
  gray: 'grey',
  skyblue: 'sky-blue',
};

/** @param text a name, `#rgb` or `#rrggbb`, in any case @returns null for anything else */
export function parseColour(text: string): Oklab | null {
  const word = text.trim().toLowerCase();
  const named = Object.entries(colourNames).find(
    ([name]) => name === (otherSpellings[word] ?? word),
  );
  const hex = /^#(?:([0-9a-f]{6})|([0-9a-f])([0-9a-f])([0-9a-f]))$/.exec(named?.[1] ?? word);
  if (!hex) return null;
  const [, long, r = '', g = '', b = ''] = hex;
  const value = Number.parseInt(long ?? `${r}${r}${g}${g}${b}${b}`, 16);
  return oklabOf(value >> 16, (value >> 8) & 0xff, value & 0xff);
}
