/** A library of many pictures, through the library's own way of inserting them, without drawing any. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defaultImageOptions } from '../contract/image-options.ts';
import type { Recipe } from '../contract/images.ts';
import type { SchedulerName } from '../contract/image-request.ts';
import {
  analysisVersion,
  serialiseAnalysis,
} from '../main/studio/library/analysis/analyse-picture.ts';
import { openWritable } from '../main/studio/library/database/connection.ts';
import { insertRow } from '../main/studio/library/insert-image.ts';
import { migrate } from '../main/studio/library/migrations/index.ts';
import { forgetOldAnalyses, storeAnalyses } from '../main/studio/library/stored-analyses.ts';

/** A PNG of one pixel: files are listed, and looked at by size and date, never read. */
const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const start = Date.UTC(2024, 0, 1);
const minutesApart = 12;
const models = ['Starter', 'Dreamy XL', 'Photon v3', 'Inkwell', 'Cinder 1.5', 'Porcelain'];
const loras = ['add_detail', 'film-grain', 'watercolour', 'line art', 'soft light'];
const samplers: readonly SchedulerName[] = [
  'dpmpp-2m',
  'euler',
  'euler-ancestral',
  'unipc',
  'ddim',
];
const sizes = [
  [512, 512],
  [512, 768],
  [768, 512],
  [1024, 1024],
  [832, 1216],
] as const;
const tags = ['portrait', 'Landscape', 'client A', 'to print', 'sketch', 'cover', 'sea view'];

/** The same numbers for the same seed, 0 to 1. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const syllables = 'ka to ri men sol va ne lu bra stin or el qui dor mi pha'.split(' ');

/** Made-up words, the first ones used most, as words of real prompts are. */
export const vocabulary: readonly string[] = (() => {
  const next = numbersFrom(3);
  const words = new Set<string>();
  while (words.size < 4000) {
    const length = 1 + Math.floor(next() * 4);
    words.add(
      Array.from({ length }, () => syllables[Math.floor(next() * syllables.length)]).join(''),
    );
  }
  return [...words];
})();

export function drawWord(next: () => number): string {
  return vocabulary[Math.floor(vocabulary.length * next() ** 3)] ?? '';
}

function pick<T>(list: readonly T[], next: () => number): T {
  return list[Math.floor(next() * list.length)] as T;
}

/** @param folder the library's; made @param pictures how many, each with a file and an analysis */
export function writeManyPictures(folder: string, pictures: number): void {
  mkdirSync(path.join(folder, 'trash'), { recursive: true });
  using database = openWritable(path.join(folder, 'library.sqlite'));
  migrate(database, folder);
  forgetOldAnalyses(database, analysisVersion);
  const next = numbersFrom(7);
  const batch = 5000;
  for (let from = 0; from < pictures; from += batch) {
    database.transaction(() => {
      for (let index = from; index < Math.min(pictures, from + batch); index += 1)
        writePicture(index);
    });
  }

  function writePicture(index: number): void {
    const recipe = recipeAt(index, next);
    const contentHash = index.toString(16).padStart(8, '0').repeat(8);
    const month = new Date(recipe.createdAt).toISOString().slice(0, 7).replace('-', '/');
    const picturePath = `images/${month}/${recipe.resolvedPrompt.slice(0, 30).replaceAll(' ', '-')}-${index}.png`;
    const file = path.join(folder, picturePath);
    if (index % 200 === 0) mkdirSync(path.dirname(file), { recursive: true });
    try {
      writeFileSync(file, onePixel);
    } catch {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, onePixel);
    }
    const isRated = next() < 0.3;
    const isTagged = next() < 0.25;
    insertRow(
      database,
      {
        contentHash,
        path: picturePath,
        restorePath: null,
        createdAt: recipe.createdAt,
        modifiedAt: Math.floor(statSync(file).mtimeMs),
        width: recipe.settings.width,
        height: recipe.settings.height,
        sizeBytes: onePixel.length,
        format: 'png',
        source: 'drawn',
        program: 'atelier',
        recipe,
        parameters: null,
        understood: null,
        rawTexts: [],
        problems: [],
        importedFrom: null,
      },
      {
        hash: contentHash,
        rating: isRated ? 1 + Math.floor(next() * 5) : 0,
        flag: next() < 0.1 ? 'pick' : null,
        label: next() < 0.05 ? 'red' : null,
        tags: isTagged ? [...new Set([pick(tags, next), pick(tags, next)])] : [],
        note: next() < 0.03 ? `for ${drawWord(next)} and ${drawWord(next)}` : '',
      },
    );
    const analysis = serialiseAnalysis({
      hash: BigInt(Math.floor(next() * 2 ** 32)) * 2n ** 32n + BigInt(index),
      descriptor: Int8Array.from({ length: 192 }, () => Math.floor(next() * 60) - 30),
      colours: Array.from({ length: 4 }, () => ({
        l: next(),
        a: (next() - 0.5) / 3,
        b: (next() - 0.5) / 3,
        share: 0.25,
      })),
    });
    storeAnalyses(database, [{ contentHash, analysis }]);
  }
}

function recipeAt(index: number, next: () => number): Recipe {
  const words = Array.from({ length: 15 + Math.floor(next() * 25) }, () => drawWord(next));
  const prompt = words.join(next() < 0.5 ? ' ' : ', ');
  const [width, height] = pick(sizes, next);
  return {
    version: 1,
    settings: {
      ...defaultImageOptions,
      modelId: 'starter',
      prompt,
      negativePrompt: 'blurry, low quality, watermark',
      width,
      height,
      steps: 15 + Math.floor(next() * 20),
      guidanceScale: 4 + Math.floor(next() * 8) / 2,
      scheduler: pick(samplers, next),
      sigmaSchedule: 'karras',
      seed: Math.floor(next() * 2 ** 32),
      loras: next() < 0.4 ? [{ id: pick(loras, next), unetWeight: 0.8, textWeight: 0.8 }] : [],
    },
    resolvedPrompt: prompt,
    modelName: pick(models, next),
    modelHash: '0123456789abcdef'.repeat(4),
    provider: 'cpu',
    versions: { atelier: '0.1.0', onnxruntime: '1.30.0' },
    jobId: null,
    pictureIndex: null,
    createdAt: start + index * minutesApart * 60_000,
    durationMs: 1234,
    resources: [],
    sheet: null,
  };
}
