/** Counts how many pictures have each value of a field. */
import { libraryLimits, type Facet } from '../../../../contract/images.ts';
import type { FacetFieldName } from '../../../../contract/search/fields.ts';
import { albumsOf } from './albums.ts';
import type { CatalogueState } from './catalogue.ts';
import { lineCounts } from './code-counts.ts';
import { states } from './columns.ts';
import { ratioOf, type Question } from './evaluate.ts';
import { membersOf } from './albums.ts';
import { firstAtLeast, type Selection } from './selection.ts';

/** @param selection pictures that are counted */
export function facetOf(question: Question, field: FacetFieldName, selection: Selection): Facet {
  const counts = countsOf(question, field, selection);
  const values = [...counts]
    .filter(([value, count]) => count > 0 && value !== '')
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, libraryLimits.facetValues)
    .map(([value, count]) => ({ value, count }));
  const all = [...counts].filter(([value, count]) => count > 0 && value !== '').length;
  return { field, values, more: all - values.length };
}

function countsOf(
  question: Question,
  field: FacetFieldName,
  selection: Selection,
): Map<string, number> {
  const { state } = question;
  const { columns } = state;
  switch (field) {
    case 'model':
    case 'sampler':
    case 'schedule':
    case 'source':
    case 'program':
    case 'format':
      return lineCounts(state, field, selection, null);
    case 'flag':
    case 'label':
      return lineCounts(state, field, selection, 'none');
    case 'lora':
      return lineCounts(state, 'loras', selection, null);
    case 'tag':
      return lineCounts(state, 'tags', selection, null);
    case 'steps':
      return numberCounts(columns.steps, selection);
    case 'cfg':
      return numberCounts(columns.cfgs, selection);
    case 'rating':
      return numberCounts(columns.ratings, selection);
    case 'size': {
      const counts = countedBy(
        selection,
        (i) => (columns.widths[i] ?? 0) * 2 ** 24 + (columns.heights[i] ?? 0),
      );
      return renamed(counts, (key) => `${Math.floor(key / 2 ** 24)}x${key % 2 ** 24}`);
    }
    case 'ratio': {
      const names = ['portrait', 'landscape', 'square'] as const;
      const counts = countedBy(selection, (i) =>
        names.indexOf(ratioOf(columns.widths[i] ?? 0, columns.heights[i] ?? 0)),
      );
      return renamed(counts, (key) => names[key] ?? '');
    }
    case 'date':
      return monthCounts(columns.createdAts, selection);
    case 'album':
      return albumCounts(question, selection);
    case 'has':
      return possessionCounts(state, selection);
    default:
      return field satisfies never;
  }
}

function countedBy(selection: Selection, keyOf: (index: number) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < selection.length; i += 1) {
    if (selection[i] !== 1) continue;
    const key = keyOf(i);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function renamed(
  counts: ReadonlyMap<number, number>,
  nameOf: (key: number) => string,
): Map<string, number> {
  return new Map([...counts].map(([key, count]) => [nameOf(key), count]));
}

function numberCounts(values: ArrayLike<number>, selection: Selection): Map<string, number> {
  const counts = countedBy(selection, (i) => values[i] ?? Number.NaN);
  return renamed(counts, (value) => (Number.isNaN(value) ? '' : String(value)));
}

/** By month of local time, such as `2026-11`. */
function monthCounts(createdAts: Float64Array, selection: Selection): Map<string, number> {
  // The columns are in the order of making, so that a month is a stretch of them.
  const counts = new Map<string, number>();
  let at = selection.indexOf(1);
  while (at >= 0) {
    const first = new Date(createdAts[at] ?? 0);
    const year = first.getFullYear();
    const month = first.getMonth();
    const end = firstAtLeast(createdAts, new Date(year, month + 1, 1).getTime(), at);
    let count = 0;
    for (let i = at; i < end; i += 1) count += selection[i] ?? 0;
    counts.set(`${String(year).padStart(4, '0')}-${String(month + 1).padStart(2, '0')}`, count);
    at = selection.indexOf(1, Math.max(end, at + 1));
  }
  return counts;
}

function albumCounts(question: Question, selection: Selection): Map<string, number> {
  const { database, state } = question;
  return new Map(
    albumsOf(database, state)
      .filter(({ kind }) => kind === 'album')
      .map(({ id, name }) => [name, common(selection, membersOf(database, state, id).selection)]),
  );
}

function possessionCounts(
  { columns, dictionaries }: CatalogueState,
  selection: Selection,
): Map<string, number> {
  const counts = { note: 0, tag: 0, recipe: 0 };
  const none = dictionaries.tags.codeOf('');
  for (let i = 0; i < selection.length; i += 1) {
    if (selection[i] !== 1) continue;
    const state = columns.states[i] ?? 0;
    if ((state & states.note) !== 0) counts.note += 1;
    if ((state & states.recipe) !== 0) counts.recipe += 1;
    if (columns.coded.tags[i] !== none) counts.tag += 1;
  }
  return new Map(Object.entries(counts));
}

export function common(a: Selection, b: Selection): number {
  let count = 0;
  for (let i = 0; i < a.length; i += 1) count += (a[i] ?? 0) & (b[i] ?? 0);
  return count;
}
