/** What can be searched for, and what values look like: data for the parser, completion and facets. */
import {
  flagNames,
  labelNames,
  pictureFormats,
  pictureSources,
  programNames,
} from '../picture-facts.ts';

export const searchFields = [
  'model',
  'lora',
  'sampler',
  'schedule',
  'seed',
  'steps',
  'cfg',
  'width',
  'height',
  'size',
  'ratio',
  'rating',
  'flag',
  'label',
  'tag',
  'album',
  'note',
  'prompt',
  'negative',
  'source',
  'program',
  'date',
  'file',
  'format',
  'colour',
  'is',
  'has',
] as const;
export type SearchField = (typeof searchFields)[number];

/** Other spellings of fields. */
export const fieldAliases: Readonly<Record<string, SearchField>> = { color: 'colour' };

/** Those whose values can be counted. */
export const facetFields = [
  'model',
  'lora',
  'sampler',
  'schedule',
  'steps',
  'cfg',
  'size',
  'ratio',
  'date',
  'rating',
  'flag',
  'label',
  'tag',
  'album',
  'source',
  'program',
  'format',
  'has',
] as const satisfies readonly SearchField[];
export type FacetFieldName = (typeof facetFields)[number];

/**
 * How the values of a field are read.
 *
 * `name`    text that is compared whatever its case: `:` finds those that hold it, `=` is all of it
 * `exact`   the same, where `:` is all of it as well; a `*` at the end stands for any rest
 * `words`   words of a longer text, side by side where there are several
 * `number`  `:` and `=` the same number, `> >= < <=`, `a..b`
 * `date`    a year, month or day of local time, or `today` and its like; compared as numbers are
 * `size`    `512x768`
 * `choice`  one of `choices`
 * `colour`  `#rrggbb`, `#rgb` or one of `choices`
 */
export type ValueKind =
  | 'name'
  | 'exact'
  | 'words'
  | 'number'
  | 'date'
  | 'size'
  | 'choice'
  | 'colour';

export interface FieldKind {
  readonly value: ValueKind;
  /** Values that can be offered; all there are for a `choice`. */
  readonly choices: readonly string[];
  /** For people, such as "the model’s name". */
  readonly finds: string;
  /** A whole term, such as `steps>20`. */
  readonly example: string;
}

export const ratioNames = ['portrait', 'landscape', 'square'] as const;
export const stateNames = ['sheet', 'duplicate', 'missing'] as const;
export const possessionNames = ['note', 'tag', 'recipe'] as const;
export const dateWords = ['today', 'yesterday', 'week', 'month', 'year'] as const;

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
} as const;

export const fieldKinds = {
  model: kind('name', 'pictures of a model', 'model:starter'),
  lora: kind('name', 'pictures that a LoRA took part in', 'lora:detail'),
  sampler: kind('name', 'pictures of a sampler', 'sampler:dpmpp-2m'),
  schedule: kind('name', 'pictures of a noise schedule', 'schedule:karras'),
  seed: kind('number', 'a seed', 'seed:42'),
  steps: kind('number', 'numbers of steps', 'steps>20'),
  cfg: kind('number', 'guidance scales', 'cfg:5..8'),
  width: kind('number', 'widths in pixels', 'width>=1024'),
  height: kind('number', 'heights in pixels', 'height<768'),
  size: kind('size', 'pictures of one size', 'size:512x768'),
  ratio: kind('choice', 'upright, wide or square pictures', 'ratio:portrait', ratioNames),
  rating: kind('number', 'numbers of stars', 'rating>=4', ['0', '1', '2', '3', '4', '5']),
  flag: kind('choice', 'picks and rejects', 'flag:pick', [...flagNames, 'none']),
  label: kind('choice', 'colour labels', 'label:red', [...labelNames, 'none']),
  tag: kind('exact', 'pictures with a tag', 'tag:landscape'),
  album: kind('exact', 'pictures of an album', 'album:portfolio'),
  note: kind('words', 'words of notes', 'note:"for the cover"'),
  prompt: kind('words', 'words of prompts', 'prompt:apple'),
  negative: kind('words', 'words of negative prompts', 'negative:blurry'),
  source: kind('choice', 'where pictures come from', 'source:drawn', pictureSources),
  program: kind('choice', 'the program that wrote a file', 'program:comfyui', programNames),
  date: kind('date', 'when pictures were made', 'date:2026-11', dateWords),
  file: kind('words', 'words of file names', 'file:holiday'),
  format: kind('choice', 'file formats', 'format:png', pictureFormats),
  colour: kind('colour', 'pictures of a colour', 'colour:teal', Object.keys(colourNames)),
  is: kind('choice', 'sheets, duplicates and missing files', 'is:sheet', stateNames),
  has: kind('choice', 'pictures with a note, a tag or a recipe', 'has:note', possessionNames),
} as const satisfies Readonly<Record<SearchField, FieldKind>>;

/** Fields whose values are read in one of these ways. */
export type FieldOf<Kind extends ValueKind> = {
  [F in SearchField]: (typeof fieldKinds)[F]['value'] extends Kind ? F : never;
}[SearchField];

function kind<V extends ValueKind>(
  value: V,
  finds: string,
  example: string,
  choices: readonly string[] = [],
): FieldKind & { readonly value: V } {
  return { value, choices, finds, example };
}

/** @param name as typed, in any case */
export function fieldNamed(name: string): SearchField | null {
  const lower = name.toLowerCase();
  return searchFields.find((field) => field === lower) ?? fieldAliases[lower] ?? null;
}
