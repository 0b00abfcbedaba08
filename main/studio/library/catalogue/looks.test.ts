import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { imageIdAt } from '../../../../contract/ids.ts';
import { everyImage } from '../../../../contract/images.ts';
import { serialiseAnalysis } from '../analysis/analyse-picture.ts';
import { parseColour } from '../analysis/colour-names.ts';
import { openReadable, openWritable } from '../database/connection.ts';
import { imageIdOf } from '../image-rows.ts';
import { migrate } from '../migrations/index.ts';
import { storeAnalyses } from '../stored-analyses.ts';
import { createAnswers } from './answer.ts';
import { openCatalogue } from './catalogue.ts';
import { duplicateGroups } from './duplicates.ts';
import { openLooks } from './looks.ts';
import { hashOf, insertPicture } from './rows.fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'atelier-looks-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of one colour, and alike where `shape` is near. */
function analysisOf(colour: string, shape: number): Uint8Array<ArrayBuffer> {
  const oklab = parseColour(colour);
  if (!oklab) throw new Error(`${colour} is no colour.`);
  return serialiseAnalysis({
    hash: BigInt(shape) * 0x0123_4567_89ab_cdefn,
    descriptor: new Int8Array(192).fill(shape),
    colours: [{ ...oklab, share: 1 }],
  });
}

it('colours, likeness and copies are found among pictures that were looked at, also later ones', async () => {
  const file = path.join(folder, 'library.sqlite');
  using writable = openWritable(file);
  migrate(writable, file);
  const see = (index: number, colour: string, shape: number) =>
    storeAnalyses(writable, [{ contentHash: hashOf(index), analysis: analysisOf(colour, shape) }]);
  for (let index = 1; index <= 4; index += 1) insertPicture(writable, index);
  // A copy of the first, byte for byte.
  insertPicture(writable, 5, [], hashOf(1));
  see(1, '#ff0000', 1);
  see(2, '#0000ff', 9);
  see(3, '#ff0000', 2);
  using database = openReadable(file);
  const catalogue = openCatalogue(database);
  const looks = openLooks(database);
  const answers = createAnswers(database, catalogue, looks, Date.now);
  await looks.load(catalogue.state, new AbortController().signal);
  const red = answers.index({ ...everyImage, text: 'colour:red' }, null);
  expect(red.total).toBe(3);
  expect(answers.index({ ...everyImage, text: 'colour:#0000ff' }, null).total).toBe(1);
  const like = imageIdOf(hashOf(1), 0);
  const alike = answers.index({ ...everyImage, like, order: 'similar' }, null);
  expect(alike.total).toBe(4);
  expect(imageIdAt(alike.ids, 3)).toBe(imageIdOf(hashOf(2), 0));
  const unseen = { ...everyImage, like: imageIdOf(hashOf(4), 0) };
  expect(answers.index(unseen, null).total).toBe(0);
  see(4, '#0000ff', 9);
  expect(answers.index({ ...everyImage, text: 'colour:#0000ff' }, null).total).toBe(2);
  writable.run('DELETE FROM images WHERE content_hash = ?', [hashOf(2)]);
  expect(answers.index({ ...everyImage, text: 'colour:#0000ff' }, null).total).toBe(1);
  const { groups } = duplicateGroups(database, catalogue.state(), looks);
  const same = groups.find(({ kind }) => kind === 'same');
  expect(same?.ids).toHaveLength(2);
});

it('a picture has its largest colour once it was looked at, and a copy of it at once', () => {
  const file = path.join(folder, 'colours.sqlite');
  using writable = openWritable(file);
  migrate(writable, file);
  insertPicture(writable, 1);
  insertPicture(writable, 2);
  using database = openReadable(file);
  const answers = createAnswers(database, openCatalogue(database), openLooks(database), Date.now);
  const colours = () => [...answers.index({ ...everyImage, order: 'oldest' }, null).colours];
  expect(colours()).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  const [red, blue] = ['#d02020', '#2040c0'].map((hex) => parseColour(hex));
  if (!red || !blue) throw new Error('These are colours.');
  const analysis = serialiseAnalysis({
    hash: 1n,
    descriptor: new Int8Array(192),
    colours: [
      { ...red, share: 0.7 },
      { ...blue, share: 0.3 },
    ],
  });
  storeAnalyses(writable, [
    { contentHash: hashOf(1), analysis },
    { contentHash: hashOf(2), analysis: null },
  ]);
  const [r = 0, g = 0, b = 0, ...rest] = colours();
  // One step of the stored OKLab values is up to two of sRGB.
  [0xd0, 0x20, 0x20].forEach((wanted, at) =>
    expect(Math.abs(([r, g, b][at] ?? 0) - wanted)).toBeLessThanOrEqual(4),
  );
  expect(rest).toEqual([255, 0, 0, 0, 0]);
  insertPicture(writable, 3, [], hashOf(1));
  expect(colours().slice(8)).toEqual([r, g, b, 255]);
});
