import { describe, expect, it } from 'vitest';
import type { Album } from '../../../contract/albums.ts';
import { albumOffers } from './album-offers.ts';

function album(name: string, kind: Album['kind'] = 'album'): Album {
  return { id: name, name, kind, query: null, order: 'album', count: 1200, cover: null };
}
const albums = [album('Best of sea'), album('Seagulls'), album('Sea', 'smart'), album('Cover')];
const titles = (typed: string, open: string | null = null) =>
  albumOffers(typed, albums, open).map(({ title }) => title);

describe('albums that are offered', () => {
  it('are all that take pictures, in their order, but the one that is shown', () => {
    expect(titles('')).toEqual(['Best of sea', 'Seagulls', 'Cover']);
    expect(titles('  ', 'Seagulls')).toEqual(['Best of sea', 'Cover']);
    expect(albumOffers('cov', albums, null)[0]).toEqual({
      key: 'Cover',
      title: 'Cover',
      note: '1,200',
    });
  });

  it('begin with those that begin as typed, and end with a new one unless the name is taken', () => {
    expect(titles('SE')).toEqual(['Seagulls', 'Best of sea', 'SE']);
    expect(titles('sea')).toEqual(['Seagulls', 'Best of sea']);
    expect(albumOffers(' Harbour ', albums, null)).toEqual([
      { key: 'new', title: 'Harbour', note: 'new album' },
    ]);
  });

  it('are a dozen at most', () => {
    const many = Array.from({ length: 40 }, (_, number) => album(`Album ${number}`));
    expect(albumOffers('', many, null)).toHaveLength(12);
    expect(albumOffers('album', many, null).at(-1)?.note).toBe('new album');
  });
});
