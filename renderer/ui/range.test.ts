import { expect, it } from 'vitest';
import { moveRange } from './range.ts';

it('a range keeps its ends in order and within 0 and 1', () => {
  const range = { start: 0.2, end: 0.6 };
  expect(moveRange(range, 'start', 0.4)).toEqual({ start: 0.4, end: 0.6 });
  expect(moveRange(range, 'start', 0.8)).toEqual({ start: 0.8, end: 0.8 });
  expect(moveRange(range, 'end', 0.1)).toEqual({ start: 0.1, end: 0.1 });
  expect(moveRange(range, 'end', 7)).toEqual({ start: 0.2, end: 1 });
});
