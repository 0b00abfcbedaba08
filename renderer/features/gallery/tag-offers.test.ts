import { describe, expect, it } from 'vitest';
import { tagOffers } from './tag-offers.ts';

const tags = [
  { name: 'beach', count: 3 },
  { name: 'Sea', count: 9 },
  { name: 'seagull', count: 20 },
  { name: 'overseas', count: 50 },
];
const names = (typed: string, present: string[] = [], recent: string[] = []) =>
  tagOffers(typed, tags, recent, present).map(({ name }) => name);

describe('tags that are offered', () => {
  it('begin with the one that is typed, then those that begin so, then those that hold it', () => {
    expect(names('sea')).toEqual(['Sea', 'seagull', 'overseas']);
  });

  it('hold what is typed as a new one', () => {
    expect(tagOffers(' Cliff ', tags, [], [])).toEqual([{ name: 'Cliff', note: 'new tag' }]);
  });

  it('leave out those that the pictures have', () => {
    expect(names('sea', ['sea'])).toEqual(['seagull', 'overseas']);
  });

  it('are those used last before anything is typed, then the most used', () => {
    expect(names('', ['seagull'], ['beach', 'seagull'])).toEqual(['beach', 'overseas', 'Sea']);
  });
});
