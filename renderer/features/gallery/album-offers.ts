/** Which albums pictures can be put into. Pure. */
import type { Album } from '../../../contract/albums.ts';
import type { Offer } from './offer-field.tsx';

/** Of an offer to make one with the name that is typed. */
export const newAlbum = 'new';

const mostOffers = 12;

/**
 * Albums in their order, those that begin as typed first; smart ones find their pictures by
 * themselves. What is typed is offered as a new one, unless an album has that name.
 * @param open the album that is shown, whose pictures are in it already
 */
export function albumOffers(typed: string, albums: readonly Album[], open: string | null): Offer[] {
  const wanted = typed.trim().toLowerCase();
  const taking = albums.filter(({ kind, id }) => kind === 'album' && id !== open);
  const beginsSo = ({ name }: Album) => Number(name.toLowerCase().startsWith(wanted));
  const found = taking
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .toSorted((a, b) => beginsSo(b) - beginsSo(a))
    .map(({ id, name, count }) => ({ key: id, title: name, note: count.toLocaleString('en') }));
  const isNew = wanted !== '' && !albums.some(({ name }) => name.toLowerCase() === wanted);
  const made = isNew ? [{ key: newAlbum, title: typed.trim(), note: 'new album' }] : [];
  return [...found.slice(0, mostOffers - made.length), ...made];
}
