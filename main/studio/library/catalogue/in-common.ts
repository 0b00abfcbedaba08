/** What any number of pictures have in common, from the columns alone. */
import { imageIdAt } from '../../../../contract/ids.ts';
import type { InCommon } from '../../../../contract/images.ts';
import { ColourLabel, Flag } from '../../../../contract/picture-facts.ts';
import type { TagUse } from '../../../../contract/tags.ts';
import { compareNames } from '../../name-order.ts';
import type { CatalogueState } from './catalogue.ts';
import { codeCounts, lineCounts } from './code-counts.ts';
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
  return [...lineCounts(state, 'tags', selection, null)]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => compareNames(a.name, b.name));
}

/** The texts of a column that pictures have, each once. */
function textsOf(state: CatalogueState, column: CodedColumn, selection: Selection): string[] {
  const used = codeCounts(state, column, selection);
  const { texts } = state.dictionaries[column];
  return texts.filter((_text, code) => (used[code] ?? 0) > 0);
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
