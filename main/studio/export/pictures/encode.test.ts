import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExportSettings } from '../../../../contract/exports.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import { addPicture, idsOf, recipeOf } from '../../library/library.fixture.ts';
import { readForeignMetadata } from '../../library/metadata/file-metadata.ts';
import { temporaryExports, type TemporaryExports } from '../exports.fixture.ts';
import { tellsNothing } from '../metadata/told.ts';
import { encodePicture } from './encode.ts';
import { createWatermarks } from './watermark.ts';

const golden = path.join(import.meta.dirname, '../../library/metadata/golden');

let temporary: TemporaryExports;
let drawn: ImageDetail;
beforeAll(async () => {
  temporary = await temporaryExports();
  await addPicture(temporary.library, recipeOf({ seed: 1 }), { side: 64 });
  const [id = ''] = await idsOf(temporary.library);
  drawn = await temporary.library.get(id);
});
afterAll(() => temporary[Symbol.asyncDispose]());

/** What the library would know of another program's file. */
function foreign(file: string, format: ImageDetail['format']): ImageDetail {
  return { ...drawn, recipe: null, path: file, format, fileName: path.basename(file) };
}

async function encoded(picture: ImageDetail, wanted: Partial<ExportSettings>) {
  const settings = ExportSettings.parse({ metadata: 'clean', ...wanted });
  const watermarks = createWatermarks(settings.watermark);
  return encodePicture(picture, settings, tellsNothing, watermarks);
}

async function grey(width: number, height: number, colour = '#808080'): Promise<ImageDetail> {
  const file = path.join(temporary.root, `${width}x${height}-${colour.slice(1)}.png`);
  await sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toFile(file);
  return foreign(file, 'png');
}

async function pixelAt(bytes: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

describe('the size of an exported picture', () => {
  it.each([
    [{ mode: 'long-edge', pixels: 60 }, false, 60, 40],
    [{ mode: 'short-edge', pixels: 40 }, false, 60, 40],
    [{ mode: 'fit', width: 30, height: 30 }, false, 30, 20],
    [{ mode: 'fill', width: 40, height: 40, position: 'left' }, false, 40, 40],
    [{ mode: 'scale', percent: 50 }, false, 60, 40],
    [{ mode: 'long-edge', pixels: 240 }, false, 120, 80],
    [{ mode: 'long-edge', pixels: 240 }, true, 240, 160],
  ] as const)('%j (enlarging %s) is %i by %i', async (size, enlarge, width, height) => {
    const { bytes } = await encoded(await grey(120, 80), { size, enlarge });
    expect(await sharp(bytes).metadata()).toMatchObject({ width, height });
  });

  it('keeps the side that was asked for when it is filled', async () => {
    const file = path.join(temporary.root, 'halves.png');
    const right = await sharp({
      create: { width: 60, height: 80, channels: 3, background: '#00f' },
    })
      .png()
      .toBuffer();
    await sharp({ create: { width: 120, height: 80, channels: 3, background: '#f00' } })
      .composite([{ input: right, left: 60, top: 0 }])
      .png()
      .toFile(file);
    for (const [position, colour] of [
      ['left', [255, 0, 0]],
      ['right', [0, 0, 255]],
    ] as const) {
      const { bytes } = await encoded(foreign(file, 'png'), {
        size: { mode: 'fill', width: 40, height: 80, position },
      });
      expect(await pixelAt(bytes, 20, 40)).toEqual(colour);
    }
  });
});

describe('a watermark', () => {
  it('lies where it was asked for and nowhere else', async () => {
    const mark = path.join(temporary.root, 'mark.png');
    await sharp({ create: { width: 20, height: 20, channels: 3, background: '#ff0000' } })
      .png()
      .toFile(mark);
    const base = { kind: 'picture', path: mark, size: 0.25, opacity: 1, margin: 0 } as const;
    const picture = await grey(80, 80);
    const at = async (position: 'top-left' | 'bottom-right', opacity: number) =>
      (await encoded(picture, { watermark: { ...base, position, opacity } })).bytes;
    const first = await at('top-left', 1);
    expect(await pixelAt(first, 5, 5)).toEqual([255, 0, 0]);
    expect(await pixelAt(first, 74, 74)).toEqual([128, 128, 128]);
    const [red = 0, green = 0] = await pixelAt(await at('bottom-right', 0.5), 74, 74);
    expect(Math.abs(red - 191)).toBeLessThan(4);
    expect(Math.abs(green - 64)).toBeLessThan(4);
  });

  it('of letters changes its corner alone', async () => {
    const { bytes } = await encoded(await grey(200, 200), {
      watermark: {
        kind: 'text',
        text: 'MMMM',
        colour: '#ffffff',
        position: 'bottom-right',
        size: 0.1,
        opacity: 1,
        margin: 0,
      },
    });
    const brightest = async (left: number, top: number) => {
      const corner = sharp(bytes).extract({ left, top, width: 100, height: 100 });
      return (await sharp(await corner.png().toBuffer()).stats()).channels[0]?.max;
    };
    expect(await brightest(100, 100)).toBeGreaterThan(200);
    expect(await brightest(0, 0)).toBe(128);
  });
});

describe('the colours of an exported picture', () => {
  it('are turned into those of the profile, which lies in the file if it is to', async () => {
    const picture = await grey(16, 16, '#ff0000');
    const near = async (bytes: Uint8Array, colour: readonly number[]) => {
      const found = await pixelAt(bytes, 8, 8);
      for (const [channel, expected] of colour.entries())
        expect(Math.abs((found[channel] ?? 0) - expected)).toBeLessThan(4);
    };
    const wide = await encoded(picture, { profile: 'display-p3', embedProfile: true });
    expect((await sharp(wide.bytes).metadata()).hasProfile).toBe(true);
    // A reader that knows the profile sees the same red.
    await near(wide.bytes, [255, 0, 0]);
    const bare = await encoded(picture, { profile: 'display-p3', embedProfile: false });
    expect((await sharp(bare.bytes).metadata()).hasProfile).toBe(false);
    // sRGB's red in Display P3's numbers.
    await near(bare.bytes, [234, 51, 35]);
  });
});

describe('pictures of other programs', () => {
  it.each(['stealth-pngcomp.png', 'stealth-rgbcomp.png', 'novelai-stealth.png'])(
    'lose the text that is hidden in the pixels of %s',
    async (name) => {
      const file = path.join(golden, name);
      const hidden = async (bytes: Uint8Array) =>
        (await readForeignMetadata(bytes))?.rawTexts.filter(({ place }) =>
          place.startsWith('stealth'),
        ).length ?? 0;
      expect(await hidden(readFileSync(file))).toBeGreaterThan(0);
      const { bytes } = await encoded(foreign(file, 'png'), { format: 'original' });
      expect(await hidden(bytes)).toBe(0);
    },
  );

  it.each(['jpeg', 'webp', 'avif', 'tiff', 'gif'] as const)(
    'are exported from %s, in their own format where it is written, and to PNG',
    async (format) => {
      const file = path.join(temporary.root, `source.${format}`);
      const { path: png } = await grey(32, 24, '#204060');
      writeFileSync(file, await sharp(png).toFormat(format).toBuffer());
      const picture = { ...foreign(file, format), width: 32, height: 24 };
      for (const wanted of ['original', 'png'] as const) {
        const { bytes } = await encoded(picture, { format: wanted });
        const found = await sharp(bytes).metadata();
        const own = format === 'gif' ? 'png' : format === 'avif' ? 'heif' : format;
        expect(found).toMatchObject({
          format: wanted === 'png' ? 'png' : own,
          width: 32,
          height: 24,
        });
        const pixel = await pixelAt(bytes, 16, 12);
        for (const [channel, expected] of [0x20, 0x40, 0x60].entries())
          expect(Math.abs((pixel[channel] ?? 0) - expected)).toBeLessThan(8);
      }
    },
  );
});
