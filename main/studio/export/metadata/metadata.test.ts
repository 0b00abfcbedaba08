import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { readFileMetadata } from '../../library/metadata/file-metadata.ts';
import { xmpOf, type XmpContent } from '../../library/metadata/xmp.ts';
import { retell } from './retell.ts';
import { tellsNothing, type ToldMetadata } from './told.ts';

const formats = ['png', 'jpeg', 'webp', 'avif', 'tiff'] as const;
type Format = (typeof formats)[number];
const parameters =
  '猫 & a "red" apple, <lora:x:1>\nNegative prompt: blurry\nSteps: 20, Seed: 42, Size: 48x32';
const facts: XmpContent = {
  digitalSourceType: 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
  creatorTool: 'Atelier 0.1.0',
  createdAt: Date.UTC(2026, 10, 24, 3, 5, 9),
  rating: 4,
  label: 'Red',
  keywords: ['猫', 'still life'],
  description: 'A note & more',
};
const recipe = JSON.stringify({ prompt: '猫 < "x"', seed: 42 });
const told: ToldMetadata = {
  parameters,
  recipe,
  xmp: xmpOf(facts),
  xmpWithRecipe: xmpOf({ ...facts, recipeJson: recipe }),
  software: 'Atelier 0.1.0',
};

async function encoded(format: Format, withAlpha = false): Promise<Buffer> {
  const pixels = Buffer.from(
    Uint8Array.from({ length: 48 * 32 * (withAlpha ? 4 : 3) }, (_, index) => (index * 7) % 256),
  );
  return sharp(pixels, { raw: { width: 48, height: 32, channels: withAlpha ? 4 : 3 } })
    .withIccProfile('srgb')
    .toFormat(format)
    .toBuffer();
}
const pixelsOf = (bytes: Uint8Array) => sharp(bytes).raw().toBuffer();

const folder = mkdtempSync(path.join(tmpdir(), 'atelier-export-metadata-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What an independent reader finds; null where it is not installed. */
function readByExiftool(file: string): Record<string, unknown> | null {
  try {
    const text = execFileSync('exiftool', ['-j', '-G1', '-struct', '-u', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (JSON.parse(text) as Record<string, unknown>[])[0] ?? null;
  } catch {
    return null;
  }
}
const hasExiftool = (() => {
  try {
    execFileSync('exiftool', ['-ver'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.each(formats)('what a %s file tells', (format) => {
  it('leaves the picture and its profile as they are, with and without transparency', async () => {
    for (const withAlpha of format === 'jpeg' ? [false] : [false, true]) {
      const plain = await encoded(format, withAlpha);
      for (const what of [told, tellsNothing, { ...tellsNothing, xmp: told.xmp }]) {
        const bytes = retell(plain, format, what, true);
        expect(await pixelsOf(bytes)).toEqual(await pixelsOf(plain));
        const metadata = await sharp(bytes).metadata();
        expect(metadata.hasProfile).toBe(true);
        expect(metadata.width).toBe(48);
      }
    }
  });

  it('is found again by a reader that did not write it', async () => {
    const bytes = retell(await encoded(format), format, told, true);
    const metadata = await sharp(bytes).metadata();
    if (format === 'png') {
      expect(metadata.comments).toContainEqual({ keyword: 'parameters', text: parameters });
      expect(metadata.comments).toContainEqual({ keyword: 'atelier', text: recipe });
    } else {
      expect(readFileMetadata(bytes)).toMatchObject({
        parameters,
        rating: 4,
        keywords: facts.keywords,
      });
      expect(metadata.xmp?.toString()).toBe(told.xmpWithRecipe);
    }
  });

  it('is nothing when nothing is told, whatever the file told before', async () => {
    const before =
      format === 'avif' || format === 'tiff'
        ? await encoded(format)
        : retell(await encoded(format), format, told, true);
    const bytes = retell(before, format, tellsNothing, false);
    expect(traces(bytes)).toEqual([]);
    const metadata = await sharp(bytes).metadata();
    expect(metadata.exif).toBeUndefined();
    expect(metadata.xmp).toBeUndefined();
    expect(metadata.comments).toBeUndefined();
    if (format === 'png' || format === 'jpeg' || format === 'webp')
      expect(metadata.icc).toBeUndefined();
  });

  it.skipIf(!hasExiftool)('is read by exiftool', async () => {
    const file = path.join(folder, `full.${format}`);
    writeFileSync(file, retell(await encoded(format), format, told, true));
    const found = readByExiftool(file);
    expect(found?.['ExifTool:Warning']).toBeUndefined();
    expect(found).toMatchObject({
      'XMP-iptcExt:DigitalSourceType': facts.digitalSourceType,
      'XMP-xmp:CreatorTool': 'Atelier 0.1.0',
      'XMP-xmp:Rating': 4,
      'XMP-xmp:Label': 'Red',
      'XMP-dc:Subject': facts.keywords,
      'XMP-dc:Description': facts.description,
    });
    if (format === 'png') expect(found?.['PNG:Parameters']).toBe(parameters);
    else {
      expect(found?.['ExifIFD:UserComment']).toBe(parameters);
      expect(found?.['IFD0:Software']).toBe('Atelier 0.1.0');
      expect(Object.values(found ?? {})).toContain(recipe);
    }
  });
});

it('a recipe too long for a segment of a JPEG is an extension that exiftool puts together', async () => {
  const long = JSON.stringify({ cells: Array.from({ length: 9000 }, (_, index) => `猫 ${index}`) });
  const bytes = retell(
    await encoded('jpeg'),
    'jpeg',
    { ...told, recipe: long, xmpWithRecipe: xmpOf({ ...facts, recipeJson: long }) },
    true,
  );
  expect(await pixelsOf(bytes)).toEqual(await pixelsOf(await encoded('jpeg')));
  const metadata = await sharp(bytes).metadata();
  expect(metadata.xmp?.toString()).toMatch(/HasExtendedXMP="[0-9A-F]{32}"/);
  if (hasExiftool) {
    const file = path.join(folder, 'long.jpeg');
    writeFileSync(file, bytes);
    expect(
      execFileSync('exiftool', ['-b', '-XMP-atelier:Recipe', file], {
        encoding: 'utf8',
        maxBuffer: 2 ** 24,
      }),
    ).toBe(long);
  }
});

it('a prompt longer than a JPEG can hold is an error that says what to do', async () => {
  const jpeg = await encoded('jpeg');
  expect(() => retell(jpeg, 'jpeg', { ...told, parameters: 'x'.repeat(40_000) }, true)).toThrow(
    /Choose PNG or WebP/,
  );
});

it('what a phone puts behind a JPEG and into its segments is gone', async () => {
  const jpeg = await sharp(await encoded('jpeg'))
    .jpeg({ progressive: true })
    .withExif({ IFD0: { Artist: 'A. Person' }, IFD3: { GPSLatitude: '1/1 2/1 3/1' } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">secret</x:xmpmeta>')
    .toBuffer();
  const bytes = retell(
    Buffer.concat([jpeg, Buffer.from('film of a Person')]),
    'jpeg',
    tellsNothing,
    false,
  );
  expect(Buffer.from(bytes).includes('Person')).toBe(false);
  expect(Buffer.from(bytes).includes('secret')).toBe(false);
  expect(await pixelsOf(bytes)).toEqual(await pixelsOf(jpeg));
});

/** Bytes of what was told, in any encoding that a file might have them in. */
function traces(bytes: Uint8Array): string[] {
  const file = Buffer.from(bytes);
  const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
  return ['猫', 'apple', 'Atelier', 'blurry', 'algorithmic', 'seed', 'xpacket'].filter((word) =>
    [Buffer.from(word), Buffer.from(word, 'utf16le'), swapped(word)].some((needle) =>
      file.includes(needle),
    ),
  );
}
