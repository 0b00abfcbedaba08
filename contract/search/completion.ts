/** What a search field can offer for what is being typed. */
import { fieldKinds, fieldNamed, searchFields, type SearchField } from './fields.ts';
import { searchLeaves, unquoted } from './leaves.ts';
import type { Place } from './tree.ts';

export interface CompletionChoice {
  /** Takes the place of what is being typed. */
  readonly insert: string;
  /** For people. */
  readonly finds: string;
}

/** `start` and `end`: what a choice takes the place of. */
export interface Completion extends Place {
  /** The field whose value is being typed; null while a word or a field's name is. */
  readonly field: SearchField | null;
  readonly typed: string;
  /**
   * What is known without the library: fields, and the values of some. Values that pictures have
   * come from `images.facets`; `writtenValue` writes one.
   */
  readonly choices: readonly CompletionChoice[];
}

/** @param caret UTF-16 units; @returns null where nothing is being typed, such as behind a space */
export function completionAt(text: string, caret: number): Completion | null {
  const leaves = searchLeaves(text);
  const index = leaves.findIndex(({ start, end }) => start < caret && caret <= end);
  const leaf = leaves[index];
  if (!leaf) return null;
  switch (leaf.kind) {
    case 'field':
      return wordCompletion(leaf, leaf.text.slice(0, caret - leaf.start));
    case 'operator':
    case 'comma':
    case 'range':
    case 'bare':
    case 'quoted': {
      const field = fieldBefore(leaves.slice(0, index + 1));
      const isBare = leaf.kind === 'bare' || leaf.kind === 'quoted';
      const typed = isBare ? text.slice(leaf.start, caret) : '';
      if (field === null) return leaf.kind === 'bare' ? wordCompletion(leaf, typed) : null;
      const place = isBare ? leaf : { start: leaf.end, end: leaf.end };
      return valueCompletion(field, place, leaf.kind === 'quoted' ? unquoted(typed) : typed);
    }
    case 'space':
    case 'minus':
    case 'or':
    case 'round-start':
    case 'round-end':
      return null;
    default:
      return leaf.kind satisfies never;
  }
}

function wordCompletion({ start, end }: Place, typed: string): Completion {
  const lower = typed.toLowerCase();
  const choices = searchFields
    .filter((field) => field.startsWith(lower))
    .map((field) => ({ insert: `${field}:`, finds: fieldKinds[field].finds }));
  return { start, end, field: null, typed, choices };
}

function valueCompletion(field: SearchField, { start, end }: Place, typed: string): Completion {
  const lower = typed.toLowerCase();
  const choices = fieldKinds[field].choices
    .filter((choice) => choice.startsWith(lower))
    .map((choice) => ({ insert: choice, finds: fieldKinds[field].finds }));
  return { start, end, field, typed, choices };
}

/** The field that the last of these leaves is a value of. */
function fieldBefore(leaves: readonly { kind: string; text: string }[]): SearchField | null {
  for (const { kind, text } of leaves.toReversed()) {
    if (kind === 'field') return fieldNamed(text);
    if (kind === 'space' || kind === 'round-start' || kind === 'round-end' || kind === 'minus')
      return null;
  }
  return null;
}
