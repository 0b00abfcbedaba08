import { describe, expect, it } from 'vitest';
import { actualZoom, panned, placedPicture, wholeView, zoomed } from './linked-view.ts';

const picture = { width: 1000, height: 500 };
const place = { width: 500, height: 500 };

describe('looking at pictures together', () => {
  it('shows the whole picture in the middle at first', () => {
    expect(placedPicture(wholeView, picture, place)).toEqual({ left: 0, top: 125, scale: 0.5 });
  });

  it('keeps what lies under the pointer while zooming', () => {
    const at = { x: 400, y: 250 };
    const under = (view: typeof wholeView) => {
      const { left, scale } = placedPicture(view, picture, place);
      return (at.x - left) / scale;
    };
    const closer = zoomed(wholeView, 2, at, picture, place);
    expect(under(closer)).toBeCloseTo(under(wholeView));
  });

  it('moves with the pointer, but not off the picture', () => {
    const closer = zoomed(wholeView, 4, null, picture, place);
    const moved = panned(closer, -100, 0, picture, place);
    expect(placedPicture(moved, picture, place).left).toBeCloseTo(
      placedPicture(closer, picture, place).left - 100,
    );
    expect(panned(closer, 1e6, 0, picture, place).x).toBe(0.125);
    expect(panned(wholeView, 40, 40, picture, place)).toEqual(wholeView);
  });

  it('knows where a pixel of the picture is one of the screen', () => {
    const view = { ...wholeView, zoom: actualZoom(picture, place, 2) };
    expect(placedPicture(view, picture, place).scale * 2).toBe(1);
    expect(actualZoom({ width: 10, height: 10 }, place, 1)).toBe(1);
  });

  it('shows the same share of pictures of other sizes', () => {
    const view = zoomed(wholeView, 3, { x: 100, y: 300 }, picture, place);
    const half = { width: 500, height: 250 };
    const a = placedPicture(view, picture, place);
    const b = placedPicture(view, half, place);
    expect(b.left).toBeCloseTo(a.left);
    expect(b.top).toBeCloseTo(a.top);
  });
});
