import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  gapAt,
  justifiedLayout,
  layoutHeight,
  pageNeighbour,
  rowAt,
  rowBoxes,
  rowOf,
  verticalNeighbour,
  type Shapes,
} from './justified-layout.ts';

const ratio = fc.double({ min: 1 / 64, max: 64, noNaN: true });
const options = { width: 1200, rowHeight: 180, gap: 6 };

function shapesOf(ratios: readonly number[]): Shapes {
  return { count: ratios.length, ratioAt: (place) => ratios[place] ?? 1 };
}

const everyRow = (rows: number) => Array.from({ length: rows }, (_, row) => row);

describe('the justified grid', () => {
  it('places every picture once and in order', () => {
    fc.assert(
      fc.property(
        fc.array(ratio, { maxLength: 80 }),
        fc.integer({ min: 200, max: 3000 }),
        (ratios, width) => {
          const layout = justifiedLayout(shapesOf(ratios), { ...options, width });
          const counts = everyRow(layout.rows).map((row) => rowBoxes(layout, row).length);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ratios.length);
          expect(counts.every((count) => count > 0)).toBe(true);
          ratios.forEach((_, place) => {
            const row = rowOf(layout, place);
            expect(layout.firsts[row]).toBeLessThanOrEqual(place);
            expect(layout.firsts[row + 1]).toBeGreaterThan(place);
          });
        },
      ),
    );
  });

  it('fills every row but the last from edge to edge, without a picture over another', () => {
    fc.assert(
      fc.property(fc.array(ratio, { minLength: 1, maxLength: 80 }), (ratios) => {
        const layout = justifiedLayout(shapesOf(ratios), options);
        for (const row of everyRow(layout.rows)) {
          const boxes = rowBoxes(layout, row);
          boxes.slice(1).forEach((box, at) => {
            const before = boxes[at];
            expect(box.left).toBe((before?.left ?? 0) + (before?.width ?? 0) + options.gap);
          });
          const last = boxes.at(-1);
          const end = (last?.left ?? 0) + (last?.width ?? 0);
          if (row < layout.rows - 1) expect(end).toBe(options.width);
          else expect(end).toBeLessThanOrEqual(options.width);
        }
      }),
    );
  });

  it('keeps every shape within a pixel, panoramas cropped to 4 : 1', () => {
    const layout = justifiedLayout(shapesOf([1.5, 0.75, 1, 1.78, 0.5, 40, 1.2]), options);
    for (const row of everyRow(layout.rows)) {
      rowBoxes(layout, row).forEach(({ width, height }, at) => {
        const wanted = Math.min(4, layout.shapes.ratioAt((layout.firsts[row] ?? 0) + at));
        expect(Math.abs(width - wanted * height)).toBeLessThanOrEqual(1 + wanted / 2);
      });
    }
  });

  it('does not stretch a last row that is short of pictures', () => {
    const layout = justifiedLayout(shapesOf([1]), options);
    expect(rowBoxes(layout, 0)).toEqual([{ left: 0, top: 0, width: 180, height: 180 }]);
    expect(layoutHeight(layout)).toBe(180);
  });

  it('lays 100,000 pictures out the same way twice', () => {
    const shapes: Shapes = { count: 100_000, ratioAt: (place) => 0.5 + (place % 13) / 8 };
    const layout = justifiedLayout(shapes, options);
    expect(layout.firsts[layout.rows]).toBe(100_000);
    expect(justifiedLayout(shapes, options).tops).toEqual(layout.tops);
    expect(rowAt(layout, layoutHeight(layout))).toBe(layout.rows - 1);
  });
});

describe('the gaps between pictures', () => {
  const layout = justifiedLayout(shapesOf([1, 1, 1, 1, 1, 1, 1, 1]), options);
  const [first] = rowBoxes(layout, 0);
  const inRow = layout.firsts[1] ?? 0;

  it('are found by the side of the picture that one points at', () => {
    const { left = 0, width = 0, height = 0 } = first ?? {};
    expect(gapAt(layout, left + width * 0.4, 10)).toEqual({ place: 0, left: -3, top: 0, height });
    expect(gapAt(layout, left + width * 0.6, 10)).toMatchObject({ place: 1, left: width + 3 });
    expect(gapAt(layout, 5000, 10)).toMatchObject({ place: inRow, left: 1203, top: 0 });
    expect(gapAt(layout, 0, (layout.tops[1] ?? 0) + 1)).toMatchObject({ place: inRow, left: -3 });
  });

  it('reach to the end, and are none where no pictures are', () => {
    expect(gapAt(layout, 5000, 5000)?.place).toBe(8);
    expect(gapAt(justifiedLayout(shapesOf([]), options), 0, 0)).toBeNull();
  });
});

describe('moving through the grid', () => {
  const layout = justifiedLayout(shapesOf(Array.from({ length: 30 }, () => 1)), options);
  const inRow = layout.firsts[1] ?? 0;

  it('goes up and down by columns and stays at the edges', () => {
    expect(verticalNeighbour(layout, 2, 1)).toBe(inRow + 2);
    expect(verticalNeighbour(layout, inRow + 2, -1)).toBe(2);
    expect(verticalNeighbour(layout, 2, -1)).toBe(2);
    expect(verticalNeighbour(layout, 29, 1)).toBe(29);
  });

  it('goes a page at a time, but at least a row', () => {
    expect(rowOf(layout, pageNeighbour(layout, 2, 10))).toBe(1);
    expect(rowOf(layout, pageNeighbour(layout, 2, 10_000))).toBe(layout.rows - 1);
    expect(pageNeighbour(layout, inRow * 2 + 1, -10_000)).toBe(1);
  });

  it('finds the row at a height', () => {
    expect(rowAt(layout, -5)).toBe(0);
    expect(rowAt(layout, layout.tops[2] ?? 0)).toBe(2);
    expect(rowAt(layout, (layout.tops[2] ?? 0) - 1)).toBe(1);
    expect(rowAt(justifiedLayout(shapesOf([]), options), 0)).toBe(-1);
  });
});
