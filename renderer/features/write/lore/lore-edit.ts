/** Edits of a lorebook. Pure. */
import type { LoreEntry, Project } from '../../../../contract/projects.ts';

export type Lore = Pick<Project, 'lore'>;

export function newEntry(id: string, title: string): LoreEntry {
  return {
    id,
    title,
    keys: title.trim() === '' ? [] : [title.trim()],
    secondaryKeys: [],
    text: '',
    enabled: true,
    constant: false,
    caseSensitive: false,
    wholeWords: true,
    priority: 0,
    scanCharacters: 4000,
    picturePrompt: '',
  };
}

export const addEntry = ({ lore }: Lore, entry: LoreEntry): Lore => ({ lore: [...lore, entry] });

/** One that is gone stays gone. */
export const changeEntry = ({ lore }: Lore, id: string, changes: Partial<LoreEntry>): Lore => ({
  lore: lore.map((entry) => (entry.id === id ? { ...entry, ...changes } : entry)),
});

export const removeEntry = ({ lore }: Lore, id: string): Lore => ({
  lore: lore.filter((entry) => entry.id !== id),
});

/** Puts an entry back where it was. */
export const restoreEntry = ({ lore }: Lore, entry: LoreEntry, index: number): Lore => ({
  lore: lore.some(({ id }) => id === entry.id) ? lore : lore.toSpliced(index, 0, entry),
});

/** Entries that hold all of the words, anywhere. */
export function foundEntries(lore: readonly LoreEntry[], search: string): readonly LoreEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return lore.filter(({ title, keys, secondaryKeys, text }) => {
    const all = [title, ...keys, ...secondaryKeys, text].join('\n').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** Keys as they are typed: apart by commas, except within a pattern between slashes. */
export function keysOf(typed: string): readonly string[] {
  const trimmed = typed.trim();
  if (/^\/.+\/[imsu]*$/s.test(trimmed)) return [trimmed];
  return trimmed
    .split(/[,;\n]/)
    .map((key) => key.trim().slice(0, 500))
    .filter((key) => key !== '');
}
