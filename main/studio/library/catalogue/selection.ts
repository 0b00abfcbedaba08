/** Sets of pictures: u8 [n], 1 for those that are in it, by their place in the columns. */
import type { Columns } from './columns.ts';

export type Selection = Uint8Array;

/** @param lists keys of pictures, each list ascending; those that are not in the columns are left out */
export function selectKeys({ seqs }: Columns, lists: readonly (readonly number[])[]): Selection {
  const found = new Uint8Array(seqs.length);
  for (const keys of lists) {
    let at = 0;
    for (const key of keys) {
      // Few keys among many pictures are looked up, many are walked along.
      if (keys.length * 20 < seqs.length) at = firstAtLeast(seqs, key, at);
      else while (at < seqs.length && (seqs[at] ?? 0) < key) at += 1;
      if (seqs[at] === key) found[at] = 1;
    }
  }
  return found;
}

/** @returns the place of the first value that is not below, from `start` on */
export function firstAtLeast(values: Float64Array, wanted: number, start = 0): number {
  let low = start;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function countOf(selection: Selection): number {
  let count = 0;
  for (const member of selection) count += member;
  return count;
}
