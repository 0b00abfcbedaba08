import { describe, expect, it } from 'vitest';
import { facetFieldAt, searchOffers } from './search-completion.ts';

const offersAt = (text: string, values: { value: string; count: number }[] = []) =>
  searchOffers(text, text.length, values, []);

describe('what the search field offers', () => {
  it('names fields for the beginning of a word', () => {
    expect(offersAt('cat sch')).toMatchObject({
      start: 4,
      label: 'Fields',
      offers: [{ insert: 'schedule:' }],
    });
  });

  it('names values that pictures have, those that begin so first, quoted where need be', () => {
    const values = [
      { value: 'old sea', count: 9 },
      { value: 'sea', count: 4 },
      { value: 'Sea front', count: 2 },
      { value: 'sky', count: 1 },
    ];
    expect(offersAt('tag:se', values)?.offers.map(({ insert, note }) => [insert, note])).toEqual([
      ['sea', '4'],
      ['"Sea front"', '2'],
      ['"old sea"', '9'],
    ]);
  });

  it('names the values that a field can have, beside those there are', () => {
    const offers = offersAt('flag:', [{ value: 'pick', count: 3 }])?.offers ?? [];
    expect(offers.map(({ title }) => title)).toEqual(['pick', 'reject', 'none']);
  });

  it('says nothing more where all is typed', () => {
    expect(offersAt('flag:pick')).toBeNull();
    expect(offersAt('cat ')).toBeNull();
  });

  it('shows recent searches in an empty field, and examples where there are none', () => {
    expect(searchOffers('', 0, [], ['rating:5'])).toMatchObject({
      label: 'Recent searches',
      offers: [{ insert: 'rating:5' }],
    });
    expect(searchOffers('', 0, [], [])?.offers[0]).toMatchObject({ insert: 'model:' });
  });

  it('knows which values to ask the library for', () => {
    expect(facetFieldAt('cat model:st', 12)).toBe('model');
    expect(facetFieldAt('seed:4', 6)).toBeNull();
  });
});
