import { expect, it } from 'vitest';
import { nextStep } from './timeline-steps.ts';

const steps = [1, 2, 4];

it.each([
  [null, 'ArrowLeft', 4],
  [4, 'ArrowLeft', 2],
  [1, 'ArrowLeft', 1],
  [2, 'ArrowRight', 4],
  [4, 'ArrowRight', null],
  [null, 'ArrowRight', null],
  [4, 'Home', 1],
  [2, 'End', null],
  [2, 'Escape', null],
  [null, 'Escape', undefined],
  [2, 'x', undefined],
])('from %j the key %s leads to %j', (current, key, expected) => {
  expect(nextStep(steps, current, key)).toBe(expected);
});
