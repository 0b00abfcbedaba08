import { describe, expect, it } from 'vitest';
import { completionAt } from './prompt-completion.ts';

const names = ['colour', 'places/indoors', 'hair_colour'];

describe('completion', () => {
  it('begins behind two underscores and puts names that begin so first', () => {
    expect(completionAt('a __col', 7, names)).toEqual({
      start: 2,
      end: 7,
      names: ['colour', 'hair_colour'],
    });
    expect(completionAt('a __', 4, names)?.names).toEqual(names);
    expect(completionAt('a __hair_', 9, names)?.names).toEqual(['hair_colour']);
  });

  it('offers nothing elsewhere', () => {
    expect(completionAt('a col', 5, names)).toBeNull();
    expect(completionAt('a __colour__', 12, names)).toBeNull();
    expect(completionAt('a __zebra', 9, names)).toBeNull();
  });
});
