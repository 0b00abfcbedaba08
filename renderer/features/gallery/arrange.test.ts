import { describe, expect, it } from 'vitest';
import { isInPlace, placeToPut } from './arrange.ts';
import { justifiedLayout } from './justified-layout.ts';

/** Rows of six squares. */
const layout = justifiedLayout(
  { count: 20, ratioAt: () => 1 },
  { width: 1110, rowHeight: 180, gap: 6 },
);

describe('keys that put pictures elsewhere', () => {
  it('move by one, by a row, and to the ends', () => {
    expect(layout.firsts[1]).toBe(6);
    const put = (key: string, ...places: number[]) => placeToPut(key, layout, places);
    expect(put('ArrowLeft', 4)).toBe(3);
    expect(put('ArrowRight', 4)).toBe(6);
    expect(put('ArrowUp', 8)).toBe(2);
    expect(put('ArrowDown', 2)).toBe(9);
    expect(put('Home', 4)).toBe(0);
    expect(put('End', 4)).toBe(20);
    expect(put('a', 4)).toBeNull();
  });

  it('leave alone what stands there already', () => {
    const put = (key: string, ...places: number[]) => placeToPut(key, layout, places);
    expect(put('ArrowLeft', 0)).toBeNull();
    expect(put('ArrowRight', 19)).toBeNull();
    expect(put('ArrowUp', 2)).toBeNull();
    expect(put('ArrowDown', 19)).toBeNull();
    expect(put('Home', 0, 1)).toBeNull();
  });

  it('take several along as one', () => {
    expect(placeToPut('ArrowRight', layout, [2, 3, 4])).toBe(6);
    expect(placeToPut('ArrowLeft', layout, [2, 5])).toBe(1);
    expect(placeToPut('ArrowLeft', layout, [0, 5])).toBe(0);
    expect(isInPlace([2, 3], 4)).toBe(true);
    expect(isInPlace([2, 5], 3)).toBe(false);
  });
});
