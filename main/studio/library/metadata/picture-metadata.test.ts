import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { recipeOf } from '../library.fixture.ts';
import {
  embedRecipe,
  parametersOf,
  parseRecipe,
  readPictureMetadata,
  searchTextOf,
} from './picture-metadata.ts';
import { insertChunks, readPngText, textChunk, utf8Chunk } from './png-chunks.ts';

const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'blue' } })
  .png()
  .toBuffer();

describe('the metadata of a picture', () => {
  it('tells the recipe in the web UI’s words', () => {
    expect(parametersOf(recipeOf())).toBe(
      'a red apple, 3d\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, ' +
        'Seed: 7, Size: 64x64, Model hash: 0123456789, Model: Starter, RNG: CPU, Version: Atelier 0.1.0',
    );
  });

  it('holds the whole recipe, byte for byte, also with emoji, right-to-left and CJK text', () => {
    const recipe = recipeOf({ prompt: 'a cat 🐈, שלום עולם, 猫\n"quoted"' });
    const read = readPictureMetadata(embedRecipe(png, recipe, true));
    expect(read).toEqual({ width: 8, height: 8, recipe, parameters: parametersOf(recipe) });
  });

  it('discloses that a model made it, also where the recipe is kept private', () => {
    for (const isEmbedded of [true, false]) {
      const texts = readPngText(embedRecipe(png, recipeOf(), isEmbedded))?.texts;
      expect(texts?.get('XML:com.adobe.xmp')).toContain(
        'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"',
      );
      expect(texts?.has('parameters')).toBe(isEmbedded);
      expect(texts?.has('atelier')).toBe(isEmbedded);
    }
  });

  it('is well-formed XML whatever the version is called', async () => {
    const packet = readPngText(
      embedRecipe(png, recipeOf({ versions: { atelier: '1 "<&>\u0001' } }), true),
    )?.texts.get('XML:com.adobe.xmp');
    expect(packet).toContain('xmp:CreatorTool="Atelier 1 &quot;&lt;&amp;>"');
  });

  it('is taken from other programs’ pictures too', () => {
    const foreign = insertChunks(png, [
      textChunk('parameters', 'a dog\nNegative prompt: cat\nSteps: 2, Seed: 1, Model: sd15'),
    ]);
    const read = readPictureMetadata(foreign);
    expect(read?.recipe).toBeNull();
    expect(searchTextOf(read ?? { recipe: null, parameters: null })).toEqual({
      prompt: 'a dog',
      negativePrompt: 'cat',
      model: 'sd15',
    });
  });

  it('counts a recipe that cannot be read as none', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"version":2}',
      JSON.stringify({ ...recipeOf(), createdAt: -1 }),
    ]) {
      expect(parseRecipe(text)).toBeNull();
      expect(
        readPictureMetadata(insertChunks(png, [utf8Chunk('atelier', text)]))?.recipe,
      ).toBeNull();
    }
  });
});
