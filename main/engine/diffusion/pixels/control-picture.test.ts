import { describe, expect, it } from 'vitest';
import { cannyEdges } from './canny.ts';
import { controlPicture } from './control-picture.ts';
import { fitPicture } from './fit-picture.ts';

const [width, height] = [32, 24];
const picture = {
  width,
  height,
  rgb: Uint8Array.from({ length: width * height * 3 }, (_, index) => (index % 96 < 48 ? 30 : 220)),
};

describe('what a ControlNet is shown', () => {
  it('is the picture at the size that is drawn', async () => {
    const shown = await controlPicture(picture, 'none', 16, 16);
    expect(shown).toEqual(await fitPicture(picture, 16, 16, 'crop'));
  });

  it('is its edges, found at that size', async () => {
    const shown = await controlPicture(picture, 'canny', 48, 24);
    expect(shown).toEqual(cannyEdges(await fitPicture(picture, 48, 24, 'crop')));
    expect(shown.rgb.some((level) => level === 255)).toBe(true);
  });

  it('is its negative', async () => {
    const shown = await controlPicture(picture, 'invert', width, height);
    expect(shown.rgb).toEqual(picture.rgb.map((level) => 255 - level));
  });
});
