import { describe, expect, it } from 'vitest';
import { containedPlacement, sourcePlacement } from './comparison.ts';

const square = { width: 512, height: 512 };
const wide = { width: 1024, height: 512 };
const margins = { left: 128, top: 0, right: 128, bottom: 0 };

describe('the source beneath its result', () => {
  it('covers a frame of its own shape, whatever its size', () => {
    for (const fit of ['crop', 'pad', 'stretch'] as const) {
      expect(sourcePlacement({ width: 256, height: 256 }, { fit, extend: null }, square)).toEqual({
        left: 0,
        top: 0,
        width: 1,
        height: 1,
      });
    }
  });

  it('reaches beyond the frame where it was cropped and lies within it where it was padded', () => {
    expect(sourcePlacement(wide, { fit: 'crop', extend: null }, square)).toEqual({
      left: -0.5,
      top: 0,
      width: 2,
      height: 1,
    });
    expect(sourcePlacement(wide, { fit: 'pad', extend: null }, square)).toEqual({
      left: 0,
      top: 0.25,
      width: 1,
      height: 0.5,
    });
  });

  it('lies where it was before pixels were added around it', () => {
    const result = { width: 768, height: 512 };
    const { left, width } = sourcePlacement(square, { fit: 'crop', extend: margins }, result);
    expect(left).toBeCloseTo(128 / 768);
    expect(width).toBeCloseTo(512 / 768);
  });
});

it('shows another picture whole, in the middle of the frame', () => {
  expect(containedPlacement(square, wide)).toEqual({ left: 0.25, top: 0, width: 0.5, height: 1 });
  expect(containedPlacement(wide, wide)).toEqual({ left: 0, top: 0, width: 1, height: 1 });
});
