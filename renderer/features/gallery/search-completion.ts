/** What the search field offers while someone types. Pure. */
import {
  facetFields,
  fieldKinds,
  searchFields,
  type SearchField,
} from '../../../contract/search/fields.ts';
import { completionAt, type Completion } from '../../../contract/search/completion.ts';
import type { FacetField } from '../../../contract/images.ts';
import { writtenValue } from '../../../contract/search/values.ts';

export interface SearchOffer {
  readonly insert: string;
  readonly title: string;
  /** Beside it: what it finds, or how many. */
  readonly note: string;
}

export interface SearchOffers {
  /** What an offer takes the place of, UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly label: 'Fields' | 'Values' | 'Recent searches';
  readonly offers: readonly SearchOffer[];
}

export interface KnownValue {
  readonly value: string;
  readonly count: number;
}

const mostOffers = 12;

/** The field whose values the library should be asked for; null where it knows none. */
export function facetFieldAt(text: string, caret: number): FacetField | null {
  const field = completionAt(text, caret)?.field ?? null;
  return facetFields.find((known) => known === field) ?? null;
}

/** @param values those that pictures have, of the field that is being typed; the most frequent first */
export function searchOffers(
  text: string,
  caret: number,
  values: readonly KnownValue[],
  recent: readonly string[],
): SearchOffers | null {
  if (text.trim() === '') return recentOffers(text, recent);
  const completion = completionAt(text, caret);
  if (!completion) return null;
  const { start, end, field } = completion;
  const offers = field === null ? fieldOffers(completion) : valueOffers(completion, field, values);
  const isDone = offers.length === 1 && offers[0]?.insert === text.slice(start, end);
  if (offers.length === 0 || isDone) return null;
  return {
    start,
    end,
    label: field === null ? 'Fields' : 'Values',
    offers: offers.slice(0, mostOffers),
  };
}

/** Every field, to be shown before anything is typed. */
export const everyFieldOffer: readonly SearchOffer[] = searchFields.map((field) => ({
  insert: `${field}:`,
  title: fieldKinds[field].example,
  note: fieldKinds[field].finds,
}));

function recentOffers(text: string, recent: readonly string[]): SearchOffers | null {
  const offers = recent.map((search) => ({ insert: search, title: search, note: '' }));
  return offers.length === 0
    ? { start: 0, end: text.length, label: 'Fields', offers: everyFieldOffer }
    : { start: 0, end: text.length, label: 'Recent searches', offers: offers.slice(0, 8) };
}

function fieldOffers({ choices }: Completion): SearchOffer[] {
  return choices.map(({ insert, finds }) => ({ insert, title: insert, note: finds }));
}

function valueOffers(
  { choices, typed }: Completion,
  field: SearchField,
  values: readonly KnownValue[],
): SearchOffer[] {
  const lower = typed.toLowerCase();
  const known = values.filter(({ value }) => value.toLowerCase().includes(lower));
  const starts = (value: string) => (value.toLowerCase().startsWith(lower) ? 0 : 1);
  const found = known
    .toSorted((a, b) => starts(a.value) - starts(b.value))
    .map(({ value, count }) => ({
      insert: writtenValue(value),
      title: value,
      note: count.toLocaleString('en'),
    }));
  const listed = choices
    .filter(({ insert }) => !known.some(({ value }) => value === insert))
    .map(({ insert }) => ({ insert, title: insert, note: fieldKinds[field].finds }));
  return [...found, ...listed];
}
