import { expect, it } from 'vitest';
import { cannyEdges } from './canny.ts';
import type { Picture } from './picture.ts';

const side = 24;
/** A white square on black, with a weak ramp elsewhere that is no edge. */
const square: Picture = {
  width: side,
  height: side,
  rgb: Uint8Array.from({ length: side * side * 3 }, (_, index) => {
    const x = Math.floor(index / 3) % side;
    const y = Math.floor(index / 3 / side);
    return x >= 8 && x < 16 && y >= 8 && y < 16 ? 255 : x;
  }),
};

it('draws a thin line around a shape and nothing on a soft ramp', () => {
  const { rgb } = cannyEdges(square);
  const isEdge = (x: number, y: number) => rgb[(y * side + x) * 3] === 255;
  for (let along = 9; along < 15; along += 1) {
    const acrossLeft = [6, 7, 8, 9].filter((x) => isEdge(x, along));
    expect(acrossLeft).toHaveLength(1);
    const acrossTop = [6, 7, 8, 9].filter((y) => isEdge(along, y));
    expect(acrossTop).toHaveLength(1);
  }
  for (let y = 0; y < side; y += 1) {
    expect(isEdge(2, y)).toBe(false);
    expect(isEdge(21, y)).toBe(false);
  }
  expect(isEdge(12, 12)).toBe(false);
});

it('follows weak edges only where they touch a strong one', () => {
  const step = (height: (y: number) => number): Picture => ({
    width: side,
    height: side,
    rgb: Uint8Array.from({ length: side * side * 3 }, (_, index) => {
      const x = Math.floor(index / 3) % side;
      const y = Math.floor(index / 3 / side);
      return x < side / 2 ? 0 : height(y);
    }),
  });
  const count = ({ rgb }: Picture) => rgb.filter((level) => level === 255).length / 3;
  // The gradient of a step of h is 4 h: 160 is between the thresholds of 100 and 200.
  expect(count(cannyEdges(step(() => 40)))).toBe(0);
  expect(count(cannyEdges(step((y) => (y < 12 ? 120 : 40))))).toBeGreaterThanOrEqual(side - 2);
});
