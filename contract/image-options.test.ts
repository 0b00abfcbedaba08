import { expect, it } from 'vitest';
import { ImageOptions } from './image-options.ts';

it.each([
  [undefined, []],
  [null, []],
  [{ seed: 4, strength: 0.2 }, [{ seed: 4, strength: 0.2 }]],
  [
    [
      { seed: 4, strength: 0.2 },
      { seed: 5, strength: 0.1 },
    ],
    [
      { seed: 4, strength: 0.2 },
      { seed: 5, strength: 0.1 },
    ],
  ],
])('variations are a list, also in recipes that had one or none: %j', (variation, expected) => {
  expect(ImageOptions.parse({ variation }).variation).toEqual(expected);
});

it('a variation that is out of range is refused', () => {
  expect(ImageOptions.safeParse({ variation: [{ seed: 4, strength: 2 }] }).success).toBe(false);
});
