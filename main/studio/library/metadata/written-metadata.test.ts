/** What exports write is what is read back, by this program and by others. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { recipeOf } from '../library.fixture.ts';
import { exifOf } from './exif-comment.ts';
import { readExif } from './exif-directories.ts';
import { readFileMetadata } from './file-metadata.ts';
import { parametersOf } from './picture-metadata.ts';
import { exifChunk, insertChunks, utf8Chunk } from './png-chunks.ts';
import { createTextBudget } from './text-budget.ts';
import { readXmp } from './xmp-reader.ts';
import { compositeWithTrainedAlgorithmicMedia, xmpKeyword, xmpOf } from './xmp.ts';

/** What EXIF and XML can both hold: no NUL, no other control characters, no halves of surrogate pairs. */
const text = fc
  .string({ unit: 'binary' })
  .map((own) => own.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ''));
/** Spaces at either end mean nothing. */
const word = text.map((own) => own.trim()).filter((own) => own !== '');
const recipe = recipeOf({ prompt: 'a cat 🐈, שלום עולם, 猫\n"quoted" & <b>' });

function userComment(exif: Uint8Array): string | undefined {
  const { texts } = readExif(exif, createTextBudget());
  return texts.find(({ place }) => place === 'exif:UserComment')?.text;
}

describe('the user comment', () => {
  it('gives any text with Latin letters in it back', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const own = `${before} a cat\n${after}x`;
        expect(userComment(exifOf(own, 'Atelier'))).toBe(own.replace(/^\ufeff/, ''));
      }),
    );
  });

  it.each(['猫', '🐈‍⬛', '猫が好き', '𠮷野家🐈'])('gives %s alone back', (own) => {
    expect(userComment(exifOf(own, 'A'))).toBe(own);
  });

  it('is left out with the recipe, and the name of the program stays', () => {
    const { texts, problems } = readExif(exifOf(null, 'Atelier 1'), createTextBudget());
    expect(texts).toEqual([{ place: 'exif:Software', text: 'Atelier 1' }]);
    expect(problems).toEqual([]);
  });
});

describe('the XMP packet', () => {
  it('gives everything back', () => {
    fc.assert(
      fc.property(
        fc.record({
          creatorTool: word,
          createdAt: fc.nat(4e12),
          digitalSourceType: fc.constantFrom(null, compositeWithTrainedAlgorithmicMedia),
          recipeJson: fc.option(text.map((own) => JSON.stringify({ prompt: own }))),
          description: fc.option(word, { nil: '' }),
          rating: fc.option(fc.integer({ min: 0, max: 5 })),
          keywords: fc.array(word, { maxLength: 4 }),
        }),
        (content) => {
          const read = readXmp(xmpOf(content));
          expect(read).toMatchObject({
            creatorTool: content.creatorTool,
            createDate: new Date(content.createdAt).toISOString(),
            digitalSourceType: content.digitalSourceType,
            description: content.description || null,
            rating: content.rating,
            keywords: content.keywords,
            problems: [],
          });
          expect(read.recipeJson).toBe(content.recipeJson);
        },
      ),
    );
  });
});

/** A PNG file with both, from which sharp carries them into every format. */
async function carrier(): Promise<Uint8Array> {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'blue' } })
    .png()
    .toBuffer();
  const packet = xmpOf({
    creatorTool: 'Atelier 1',
    createdAt: recipe.createdAt,
    digitalSourceType: compositeWithTrainedAlgorithmicMedia,
    recipeJson: JSON.stringify(recipe),
    description: 'a cat 猫',
    rating: 4,
    keywords: ['猫', 'cat'],
  });
  const exif = exifOf(parametersOf(recipe), 'Atelier 1');
  return insertChunks(png, [exifChunk(exif), utf8Chunk(xmpKeyword, packet)]);
}

describe.each(['jpeg', 'webp', 'avif', 'png'] as const)('an exported %s', (format) => {
  const written = carrier().then((png) =>
    sharp(png).keepExif().keepXmp().toFormat(format).toBuffer(),
  );

  it('holds the whole recipe, the text for others, and where it comes from', async () => {
    expect(readFileMetadata(await written)).toMatchObject({
      format,
      width: 8,
      height: 8,
      program: 'atelier',
      recipe,
      parameters: parametersOf(recipe),
      createdAt: recipe.createdAt,
      digitalSourceType: compositeWithTrainedAlgorithmicMedia,
      rating: 4,
      keywords: ['猫', 'cat'],
      problems: [],
    });
  });

  it.skipIf(spawnSync('exiftool', ['-ver']).status !== 0)('is read by ExifTool', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-exif-'));
    try {
      const file = path.join(folder, `picture.${format}`);
      writeFileSync(file, await written);
      const tags = '-UserComment -Software -DigitalSourceType -Subject -Rating -Description'.split(
        ' ',
      );
      const { stdout } = spawnSync('exiftool', ['-j', '-b', ...tags, file], { encoding: 'utf8' });
      const [told] = JSON.parse(stdout) as Readonly<Record<string, unknown>>[];
      expect(told).toMatchObject({
        UserComment: parametersOf(recipe),
        Software: 'Atelier 1',
        DigitalSourceType: compositeWithTrainedAlgorithmicMedia,
        Subject: ['猫', 'cat'],
        Rating: 4,
        Description: 'a cat 猫',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
