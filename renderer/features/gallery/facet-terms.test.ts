import { describe, expect, it } from 'vitest';
import { hasTerm } from '../../../contract/search/edit.ts';
import { excludedValues, facetValueTitle, isExcluded, toggleExclusion } from './facet-terms.ts';

describe('leaving a value out', () => {
  it('adds a term that can be taken back', () => {
    const text = toggleExclusion('cat', 'tag', 'big sea');
    expect(text).toBe('cat -tag:"big sea"');
    expect(isExcluded(text, 'tag', 'Big Sea')).toBe(true);
    expect(toggleExclusion(text, 'tag', 'big sea')).toBe('cat');
  });

  it('asks for it no longer', () => {
    const text = toggleExclusion('cat model=starter rating:4', 'model', 'starter');
    expect(hasTerm(text, 'model', 'starter')).toBe(false);
    expect(isExcluded(text, 'model', 'starter')).toBe(true);
    expect(text).toBe('cat rating:4 -model=starter');
  });

  it('binds to the whole of a search', () => {
    expect(toggleExclusion('cat OR dog', 'rating', '0')).toBe('(cat OR dog) -rating:0');
    expect(toggleExclusion('(cat', 'rating', '0')).toBe('(cat) -rating:0');
    expect(toggleExclusion('file:x', 'rating', '0')).toBe('file:x -rating:0');
    expect(toggleExclusion('', 'rating', '0')).toBe('-rating:0');
    expect(toggleExclusion('-rating:0 cat', 'rating', '0')).toBe('cat');
  });

  it('does not take a list of exclusions or another value for it', () => {
    expect(isExcluded('-tag:a,b', 'tag', 'a')).toBe(false);
    expect(isExcluded('tag:a', 'tag', 'a')).toBe(false);
    expect(excludedValues('-tag:a cat -tag:"b c" -tag:d,e', 'tag')).toEqual(['a', 'b c']);
  });
});

describe('a value', () => {
  it.each([
    ['rating', '3', '★★★'],
    ['rating', '0', 'No stars'],
    ['date', '2026-11', 'November 2026'],
    ['size', '512x768', '512 × 768'],
    ['program', 'web-ui', 'Web UI'],
    ['flag', 'none', 'No flag'],
    ['model', 'starter', 'starter'],
  ] as const)('of %s reads well: %s', (field, value, title) => {
    expect(facetValueTitle(field, value)).toBe(title);
  });
});
