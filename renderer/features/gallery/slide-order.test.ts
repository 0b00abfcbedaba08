import { describe, expect, it } from 'vitest';
import { slideOrder } from './slide-order.ts';

describe('a slideshow', () => {
  it('goes round from where it was started', () => {
    expect([...slideOrder(5, 3, false, Math.random)]).toEqual([3, 4, 0, 1, 2]);
    expect([...slideOrder(0, 0, false, Math.random)]).toEqual([]);
  });

  it('shows every picture once when it is shuffled, the first one first', () => {
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const order = [...slideOrder(100, 7, true, random)];
    expect(order[0]).toBe(7);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
    expect(order.slice(0, 20)).not.toEqual([...slideOrder(100, 7, false, random)].slice(0, 20));
  });
});
