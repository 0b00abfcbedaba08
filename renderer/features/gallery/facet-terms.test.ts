import { describe, expect, it } from 'vitest';
import { facetValueTitle } from './facet-terms.ts';

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
