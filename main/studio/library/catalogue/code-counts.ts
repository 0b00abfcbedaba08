/** How many pictures have each text of a coded column, and each line of such texts. */
import type { CatalogueState } from './catalogue.ts';
import type { CodedColumn } from './columns.ts';
import type { Selection } from './selection.ts';

/** @returns u32, by code */
export function codeCounts(
  { columns, dictionaries }: CatalogueState,
  column: CodedColumn,
  selection: Selection,
): Uint32Array {
  const counts = new Uint32Array(dictionaries[column].texts.length);
  const codes = columns.coded[column];
  for (let place = 0; place < selection.length; place += 1) {
    const code = codes[place] ?? 0;
    if (selection[place] === 1) counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

/** @param none what pictures without a value count as; null for nothing */
export function lineCounts(
  state: CatalogueState,
  column: CodedColumn,
  selection: Selection,
  none: string | null,
): Map<string, number> {
  const { lines } = state.dictionaries[column];
  const counts = new Map<string, number>();
  for (const [code, count] of codeCounts(state, column, selection).entries()) {
    if (count === 0) continue;
    const of = lines[code] ?? [];
    for (const line of of.length === 0 && none !== null ? [none] : of)
      counts.set(line, (counts.get(line) ?? 0) + count);
  }
  return counts;
}
