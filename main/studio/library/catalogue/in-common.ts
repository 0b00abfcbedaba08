/** What any number of pictures have in common, from the columns alone. */
import { imageIdAt } from '../../../../contract/ids.ts';
import type { InCommon } from '../../../../contract/images.ts';
import { ColourLabel, Flag } from '../../../../contract/picture-facts.ts';
import type { TagUse } from '../../../../contract/tags.ts';
import type { CatalogueState } from './catalogue.ts';
import type { CodedColumn, Columns } from './columns.ts';
import { countOf, type Selection } from './selection.ts';

/** @param ids those that are not there are left out */
export function inCommon(state: CatalogueState, ids: readonly string[]): InCommon {
  const selection = selectIds(state.columns, ids);
  const { ratings } = state.columns;
  return {
    count: countOf(selection),
    ratings: [...new Set(ratings.filter((_rating, place) => selection[place] === 1))].toSorted(
      (a, b) => a - b,
    ),
    flags: textsOf(state, 'flag', selection).map((text) => (text === '' ? null : Flag.parse(text))),
    labels: textsOf(state, 'label', selection).map((text) =>
      text === '' ? null : ColourLabel.parse(text),
    ),
    tags: tagCounts(state, selection),
  };
}

/** By name. */
export function tagCounts(state: CatalogueState, selection: Selection): TagUse[] {
  const { lines } = state.dictionaries.tags;
  const counts = new Map<string, number>();
  for (const [code, count] of codeCounts(state, 'tags', selection).entries()) {
    if (count === 0) continue;
    for (const tag of lines[code] ?? []) counts.set(tag, (counts.get(tag) ?? 0) + count);
  }
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => compare(a.name, b.name));
}

/** The texts of a column that pictures have, each once. */
function textsOf(state: CatalogueState, column: CodedColumn, selection: Selection): string[] {
  const used = codeCounts(state, column, selection);
  const { texts } = state.dictionaries[column];
  return texts.filter((_text, code) => (used[code] ?? 0) > 0);
}

/** @returns u32, how many pictures have each text of a column */
function codeCounts(
  { columns, dictionaries }: CatalogueState,
  column: CodedColumn,
  selection: Selection,
): Uint32Array {
  const counts = new Uint32Array(dictionaries[column].texts.length);
  const codes = columns.coded[column];
  for (let place = 0; place < selection.length; place += 1) {
    if (selection[place] !== 1) continue;
    const code = codes[place] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

/**
 * Columns are in the order of their making, not of ids: they are walked through once, and compared as
 * numbers first.
 */
function selectIds({ ids, seqs }: Columns, wanted: readonly string[]): Selection {
  const byStart = new Map<number, string>();
  /** Others that begin the same. */
  const more = new Set<string>();
  for (const id of wanted) {
    const start = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    const known = byStart.get(start);
    if (known === undefined) byStart.set(start, id);
    else if (known !== id) more.add(id);
  }
  const view = new DataView(ids.buffer, ids.byteOffset, ids.byteLength);
  const found = new Uint8Array(seqs.length);
  for (let place = 0; place < seqs.length; place += 1) {
    const start = view.getUint32(place * 16) * 2 ** 16 + view.getUint16(place * 16 + 4);
    const id = byStart.get(start);
    if (id === undefined) continue;
    const here = imageIdAt(ids, place);
    if (here === id || more.has(here)) found[place] = 1;
  }
  return found;
}
