/** Which tags a field offers. Pure. */
import type { TagUse } from '../../../contract/tags.ts';

export interface TagOffer {
  readonly name: string;
  /** Such as "12" or "new". */
  readonly note: string;
}

const mostOffers = 8;

/**
 * What begins as typed first, then what holds it, the most used first; what is typed itself stands
 * first where it is a new tag or is one exactly. Before anything is typed, those used last.
 */
export function tagOffers(
  typed: string,
  tags: readonly TagUse[],
  recent: readonly string[],
  present: readonly string[],
): TagOffer[] {
  const has = new Set(present.map((name) => name.toLowerCase()));
  const free = tags.filter(({ name }) => !has.has(name.toLowerCase()));
  const offerOf = ({ name, count }: TagUse) => ({ name, note: count.toLocaleString('en') });
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') {
    const used = recent.filter((name) => !has.has(name.toLowerCase()));
    const rest = free
      .filter(({ name }) => !used.includes(name))
      .toSorted((a, b) => b.count - a.count)
      .map(offerOf);
    return [...used.map((name) => ({ name, note: 'recent' })), ...rest].slice(0, mostOffers);
  }
  const rank = ({ name }: TagUse) => {
    const lower = name.toLowerCase();
    return lower === wanted ? 0 : lower.startsWith(wanted) ? 1 : 2;
  };
  const found = free
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .toSorted((a, b) => rank(a) - rank(b) || b.count - a.count);
  const isNew = !has.has(wanted) && !found.some(({ name }) => name.toLowerCase() === wanted);
  const first = isNew ? [{ name: typed.trim(), note: 'new tag' }] : [];
  return [...first, ...found.map(offerOf)].slice(0, mostOffers);
}
