import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { analysisSide } from './analysis-pixels.ts';
import {
  analysePicture,
  analysisVersion,
  parseAnalysis,
  serialiseAnalysis,
  type PictureAnalysis,
} from './analyse-picture.ts';
import { colourNames } from '../../../../contract/search/fields.ts';
import { parseColour } from './colour-names.ts';
import { descriptorDistance, descriptorLength, mirroredDescriptor } from './descriptor.ts';
import { colourDistance, colourWithin } from './dominant-colours.ts';
import { duplicateLimits } from './group-duplicates.ts';
import { scene } from './scene.fixture.ts';
import { mirroredHash } from './perceptual-hash.ts';

async function analysisOf(picture: Sharp): Promise<PictureAnalysis> {
  // A second pipeline: in one, sharp would resize before what was asked for first.
  const rgb = await sharp(await picture.png().toBuffer())
    .flatten({ background: '#ffffff' })
    .resize(analysisSide, analysisSide, { fit: 'fill' })
    .raw()
    .toBuffer();
  return analysePicture(rgb);
}

const bitsApart = (one: bigint, other: bigint): number =>
  (one ^ other).toString(2).replaceAll('0', '').length;

const colourOf = (text: string) => {
  const colour = parseColour(text);
  if (!colour) throw new Error(`"${text}" is no colour.`);
  return colour;
};

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

describe('the analysis of a picture', () => {
  it.each([
    ['resized', (picture: Sharp) => picture.resize(150)],
    ['squeezed', (picture: Sharp) => picture.resize(200, 300, { fit: 'fill' })],
    ['brighter', (picture: Sharp) => picture.linear(1.1, 0)],
    ['darker', (picture: Sharp) => picture.linear(0.9, 0)],
  ])('stays within the limits of a duplicate when the picture is %s', async (_, change) => {
    for (const seed of seeds) {
      const before = await analysisOf(scene(seed));
      const after = await analysisOf(change(scene(seed)));
      expect(bitsApart(before.hash, after.hash)).toBeLessThanOrEqual(duplicateLimits.hashBits);
      expect(descriptorDistance(before.descriptor, after.descriptor)).toBeLessThanOrEqual(
        duplicateLimits.descriptorDistance,
      );
    }
  });

  it('stays within them when the picture is saved as a poor JPEG', async () => {
    for (const seed of seeds) {
      const before = await analysisOf(scene(seed));
      const poor = await scene(seed).jpeg({ quality: 50 }).toBuffer();
      const after = await analysisOf(sharp(poor));
      expect(bitsApart(before.hash, after.hash)).toBeLessThanOrEqual(duplicateLimits.hashBits);
      expect(descriptorDistance(before.descriptor, after.descriptor)).toBeLessThan(1000);
    }
  });

  it('of a mirrored picture is known from the picture itself', async () => {
    for (const seed of seeds) {
      const before = await analysisOf(scene(seed));
      const mirrored = await analysisOf(scene(seed).flop());
      expect(bitsApart(mirroredHash(before.hash), mirrored.hash)).toBeLessThanOrEqual(2);
      expect(
        descriptorDistance(mirroredDescriptor(before.descriptor), mirrored.descriptor),
      ).toBeLessThan(100);
      expect(descriptorDistance(before.descriptor, mirrored.descriptor)).toBeGreaterThan(2000);
    }
  });

  it('tells different pictures apart', async () => {
    const all = await Promise.all(seeds.map((seed) => analysisOf(scene(seed))));
    for (const [at, one] of all.entries()) {
      for (const other of all.slice(at + 1)) {
        expect(descriptorDistance(one.descriptor, other.descriptor)).toBeGreaterThan(4000);
        expect(bitsApart(one.hash, other.hash)).toBeGreaterThan(duplicateLimits.hashBits);
      }
    }
  });

  it('of plain pictures has neither edges nor chance in it', async () => {
    for (const background of ['#000000', '#ffffff', '#7b2d9b']) {
      const plain = (side: number) =>
        analysisOf(sharp({ create: { width: side, height: side, channels: 3, background } }));
      const small = await plain(20);
      expect(small).toEqual(await plain(300));
      expect(small.hash).toBe(0n);
      expect(small.descriptor.subarray(64).every((value) => value === 0)).toBe(true);
      expect(small.colours).toHaveLength(1);
    }
  });

  it('survives being stored, in at most 400 bytes', async () => {
    for (const seed of seeds) {
      const analysis = await analysisOf(scene(seed));
      const bytes = serialiseAnalysis(analysis);
      expect(bytes.length).toBeLessThanOrEqual(400);
      const read = parseAnalysis(bytes);
      expect(read).toMatchObject({ hash: analysis.hash, descriptor: analysis.descriptor });
      expect(read?.colours).toHaveLength(analysis.colours.length);
      for (const [index, { l, a, b, share }] of analysis.colours.entries()) {
        expect(read?.colours[index]?.l).toBeCloseTo(l, 2);
        expect(read?.colours[index]?.a).toBeCloseTo(a, 2);
        expect(read?.colours[index]?.b).toBeCloseTo(b, 2);
        expect(read?.colours[index]?.share).toBeCloseTo(share, 2);
      }
    }
  });

  it('is not read from bytes of another version, or that were cut or are none', async () => {
    const bytes = serialiseAnalysis(await analysisOf(scene(1)));
    expect(parseAnalysis(Uint8Array.of(analysisVersion + 1, ...bytes.subarray(1)))).toBeNull();
    for (const length of [0, 1, 9, descriptorLength, bytes.length - 1])
      expect(parseAnalysis(bytes.subarray(0, length))).toBeNull();
    expect(parseAnalysis(Uint8Array.of(...bytes, ...bytes))).toBeNull();
  });

  it('needs exactly the pixels of its square', () => {
    expect(() => analysePicture(new Uint8Array(10))).toThrow(RangeError);
  });
});

describe('dominant colours', () => {
  /** Stripes of colours; each takes as much of the width as it says. */
  async function stripes(parts: Readonly<Record<string, number>>): Promise<PictureAnalysis> {
    let left = 0;
    const layers = [];
    for (const [background, width] of Object.entries(parts)) {
      layers.push({
        input: { create: { width, height: 100, channels: 3 as const, background } },
        left,
        top: 0,
      });
      left += width;
    }
    const canvas = sharp({ create: { width: left, height: 100, channels: 3, background: '#000' } });
    return analysisOf(canvas.composite(layers));
  }

  it('are those of the picture with their shares, the largest first', async () => {
    const { colours } = await stripes({ '#2457d6': 250, '#d62828': 500, '#f5d90a': 250 });
    expect(colours[0]?.share).toBeCloseTo(0.5, 1);
    expect(colours.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5);
    for (const wanted of ['red', 'blue', 'yellow']) {
      const { l, a, b } = colourOf(wanted);
      const apart = colours.map((colour) => Math.hypot(colour.l - l, colour.a - a, colour.b - b));
      expect(Math.min(...apart)).toBeLessThan(0.03);
    }
  });

  it('are at most five however many the picture has', async () => {
    const { colours } = await stripes(
      Object.fromEntries(Object.values(colourNames).map((hex) => [hex, 50])),
    );
    expect(colours).toHaveLength(5);
  });

  it('find a picture by its colours, and rather one that is full of it', async () => {
    const much = await stripes({ '#d02030': 900, '#808080': 100 });
    const some = await stripes({ '#d02030': 200, '#808080': 800 });
    const none = await stripes({ '#2457d6': 700, '#808080': 300 });
    const [first, second, third] = [much, some, none].map(({ colours }) =>
      colourDistance(colours, colourOf('red')),
    );
    expect(first).toBeLessThan(second ?? 0);
    expect(second).toBeLessThan(colourWithin);
    expect(third).toBeGreaterThan(colourWithin);
  });

  it('are themselves what their names find first', async () => {
    for (const [name, hex] of Object.entries(colourNames)) {
      const { colours } = await stripes({ [hex]: 1000 });
      const distances = Object.keys(colourNames).map((other) => ({
        other,
        distance: colourDistance(colours, colourOf(other)),
      }));
      distances.sort((one, other) => one.distance - other.distance);
      expect(distances[0]?.other).toBe(name);
    }
  });

  it('are read from names and hexadecimal numbers in any case, and from nothing else', () => {
    expect(parseColour(' Red ')).toEqual(parseColour('#D62828'));
    expect(parseColour('gray')).toEqual(parseColour('grey'));
    expect(parseColour('#fff')?.l).toBeCloseTo(1, 4);
    expect(parseColour('#000000')?.l).toBeCloseTo(0, 4);
    for (const text of ['', 'reddish', '#12', '#12345', '#gggggg', 'toString', '123456'])
      expect(parseColour(text)).toBeNull();
  });

  it('have the numbers that OKLab gives for pure red', () => {
    // B. Ottosson's reference values, to four places.
    const { l, a, b } = colourOf('#ff0000');
    expect(l).toBeCloseTo(0.628, 3);
    expect(a).toBeCloseTo(0.2249, 3);
    expect(b).toBeCloseTo(0.1258, 3);
  });
});
