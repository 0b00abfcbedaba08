import { describe, expect, it } from 'vitest';
import { fitView, keepInSight, showPoint, toPicture, toPlace, zoomAt } from './canvas-view.ts';
import { overlayPixels } from './overlay.ts';

const picture = { width: 1024, height: 512 };
const place = { width: 600, height: 400 };

describe('the view of the canvas', () => {
  it('shows the whole picture in the middle', () => {
    const view = fitView(picture, place);
    expect(toPlace(view, { x: 512, y: 256 })).toEqual({ x: 300, y: 200 });
    expect(toPlace(view, { x: 0, y: 0 }).x).toBeCloseTo(24);
  });

  it('keeps what lies under the pointer there while it zooms, up to its limits', () => {
    const at = { x: 140, y: 90 };
    let view = fitView(picture, place);
    const before = toPicture(view, at);
    for (let notch = 0; notch < 60; notch += 1) view = zoomAt(view, at, 1.2);
    expect(view.scale).toBe(32);
    expect(toPicture(view, at).x).toBeCloseTo(before.x);
    expect(toPicture(view, at).y).toBeCloseTo(before.y);
  });

  it('never loses the picture', () => {
    const view = keepInSight({ scale: 1, x: 9000, y: -9000 }, picture, place);
    expect(view.x).toBeLessThan(place.width);
    expect(view.y + picture.height).toBeGreaterThan(0);
  });

  it('follows a cursor that leaves the sight', () => {
    const view = { scale: 2, x: 0, y: 0 };
    const shown = showPoint(view, { x: 1000, y: 100 }, place);
    expect(toPlace(shown, { x: 1000, y: 100 })).toEqual({ x: 576, y: 200 });
    expect(showPoint(view, { x: 100, y: 100 }, place)).toEqual(view);
  });

  it('tints the part in sight, at the place where the picture lies', () => {
    const levels = new Uint8Array([0, 255, 128, 0]);
    const pixels = overlayPixels(
      { width: 2, height: 2, levels },
      { scale: 2, x: 1, y: 0 },
      { left: 0, top: 0, right: 6, bottom: 4 },
      { red: 9, green: 8, blue: 7, opacity: 0.5 },
    );
    const alphas = Array.from({ length: 24 }, (_, index) => pixels[index * 4 + 3]);
    // prettier-ignore
    expect(alphas).toEqual([
      0, 0, 0, 128, 128, 0,
      0, 0, 0, 128, 128, 0,
      0, 64, 64, 0, 0, 0,
      0, 64, 64, 0, 0, 0,
    ]);
    expect([...pixels.subarray(12, 15)]).toEqual([9, 8, 7]);
  });
});
