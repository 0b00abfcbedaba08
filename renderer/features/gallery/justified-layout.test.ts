import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  justifiedLayout,
  layoutHeight,
  rowOf,
  verticalNeighbour,
  type Shape,
} from './justified-layout.ts';

const shape = fc.record({
  width: fc.integer({ min: 64, max: 4096 }),
  height: fc.integer({ min: 64, max: 4096 }),
});
const options = { width: 1200, rowHeight: 180, gap: 6, placeholders: 0 };

function rowWidth(widths: readonly number[], gap: number): number {
  return widths.reduce((sum, width) => sum + width, 0) + (widths.length - 1) * gap;
}

describe('the justified grid', () => {
  it('places every picture once and in order', () => {
    fc.assert(
      fc.property(
        fc.array(shape, { maxLength: 80 }),
        fc.integer({ min: 200, max: 3000 }),
        (shapes, width) => {
          const rows = justifiedLayout(shapes, { ...options, width });
          const placed = rows.flatMap(({ first, count }) =>
            Array.from({ length: count }, (_, place) => first + place),
          );
          expect(placed).toEqual(shapes.map((_, index) => index));
        },
      ),
    );
  });

  it('fills every row but the last from edge to edge', () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 80 }), (shapes) => {
        const rows = justifiedLayout(shapes, options);
        for (const { widths } of rows.slice(0, -1))
          expect(rowWidth(widths, options.gap)).toBe(options.width);
        expect(rowWidth(rows.at(-1)?.widths ?? [], options.gap)).toBeLessThanOrEqual(options.width);
      }),
    );
  });

  it('keeps rows near the wanted height', () => {
    const shapes: Shape[] = Array.from({ length: 200 }, (_, index) => ({
      width: [256, 384, 256][index % 3] ?? 1,
      height: [256, 256, 384][index % 3] ?? 1,
    }));
    for (const { height } of justifiedLayout(shapes, options).slice(0, -1)) {
      expect(height).toBeGreaterThan(140);
      expect(height).toBeLessThan(230);
    }
  });

  it('does not stretch a last row that is short of pictures', () => {
    const [row] = justifiedLayout([{ width: 256, height: 256 }], options);
    expect(row).toMatchObject({ height: 180, widths: [180] });
  });

  it('keeps places for pictures that are not loaded', () => {
    const rows = justifiedLayout([{ width: 256, height: 256 }], { ...options, placeholders: 99 });
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(100);
  });

  it('lays out 100,000 pictures in well under a frame budget of a tenth of a second', () => {
    const shapes: Shape[] = Array.from({ length: 100_000 }, (_, index) => ({
      width: 256 + (index % 7) * 32,
      height: 256,
    }));
    justifiedLayout(shapes, options);
    const startedAt = performance.now();
    const rows = justifiedLayout(shapes, options);
    expect(performance.now() - startedAt).toBeLessThan(100);
    expect(layoutHeight(rows)).toBeGreaterThan(1_000_000);
  });

  it('finds the row of a picture', () => {
    const rows = justifiedLayout(
      Array.from({ length: 50 }, () => ({ width: 256, height: 256 })),
      options,
    );
    for (const [index, { first, count }] of rows.entries()) {
      expect(rowOf(rows, first)).toBe(index);
      expect(rowOf(rows, first + count - 1)).toBe(index);
    }
    expect(rowOf(rows, 50)).toBe(-1);
  });

  it('moves straight up and down', () => {
    const rows = justifiedLayout(
      Array.from({ length: 50 }, () => ({ width: 256, height: 256 })),
      options,
    );
    const below = verticalNeighbour(rows, 2, 1, options.gap);
    expect(below).toBe((rows[1]?.first ?? 0) + 2);
    expect(verticalNeighbour(rows, below, -1, options.gap)).toBe(2);
    expect(verticalNeighbour(rows, 2, -1, options.gap)).toBe(2);
  });
});
