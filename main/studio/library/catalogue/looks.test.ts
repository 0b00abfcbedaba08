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
