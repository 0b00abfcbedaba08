/** In what the recipes of pictures differ. Pure. */
import { diffWordsWithSpace } from 'diff';
import type { Fact } from '../gallery/picture-facts.ts';

export interface DiffRow {
  readonly name: string;
  /** One of each picture; null where it tells none. */
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

/** @param recipes facts of each picture, in the order in which they are to be shown */
export function recipeDiff(recipes: readonly (readonly Fact[])[]): DiffRow[] {
  const names = [...new Set(recipes.flatMap((facts) => facts.map(([name]) => name)))];
  return names.map((name) => {
    const values = recipes.map((facts) => {
      const found = facts.filter(([fact]) => fact === name).map(([, value]) => value);
      return found.length > 0 ? found.join(', ') : null;
    });
    return { name, values, differs: new Set(values).size > 1 };
  });
}

export interface WordPart {
  readonly text: string;
  /** `added`: the first picture has it not; `removed`: only the first one has it. */
  readonly kind: 'same' | 'added' | 'removed';
}

/** A prompt against that of the first picture. */
export function promptDiff(first: string, other: string): WordPart[] {
  return diffWordsWithSpace(first, other).map(({ value, added, removed }) => ({
    text: value,
    kind: added ? 'added' : removed ? 'removed' : 'same',
  }));
}
