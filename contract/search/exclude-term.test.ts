import { describe, expect, it } from 'vitest';
import { excludedValues, excludeTerm, hasTerm, isExcluded } from './edit.ts';

describe('leaving a value out', () => {
  it('adds a term that can be taken back', () => {
    const text = excludeTerm('cat', 'tag', 'big sea');
    expect(text).toBe('cat -tag:"big sea"');
    expect(isExcluded(text, 'tag', 'Big Sea')).toBe(true);
    expect(excludeTerm(text, 'tag', 'big sea')).toBe('cat');
  });

  it('asks for it no longer', () => {
    const text = excludeTerm('cat model=starter rating:4', 'model', 'starter');
    expect(hasTerm(text, 'model', 'starter')).toBe(false);
    expect(isExcluded(text, 'model', 'starter')).toBe(true);
    expect(text).toBe('cat rating:4 -model=starter');
  });

  it('binds to the whole of a search', () => {
    expect(excludeTerm('cat OR dog', 'rating', '0')).toBe('(cat OR dog) -rating:0');
    expect(excludeTerm('(cat', 'rating', '0')).toBe('(cat) -rating:0');
    expect(excludeTerm('file:x', 'rating', '0')).toBe('file:x -rating:0');
    expect(excludeTerm('', 'rating', '0')).toBe('-rating:0');
    expect(excludeTerm('-rating:0 cat', 'rating', '0')).toBe('cat');
  });

  it('does not take a list of exclusions or another value for it', () => {
    expect(isExcluded('-tag:a,b', 'tag', 'a')).toBe(false);
    expect(isExcluded('tag:a', 'tag', 'a')).toBe(false);
    expect(isExcluded('-steps:1..3', 'steps', '1')).toBe(false);
    expect(isExcluded('-rating>0', 'rating', '0')).toBe(false);
    expect(excludedValues('-tag:a cat -tag:"b c" -tag:d,e', 'tag')).toEqual(['a', 'b c']);
  });
});
