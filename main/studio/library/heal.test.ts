/** The comparison with all files at opening: in pieces, each of which stays, with others' turns in between. */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import {
  checkedReport,
  idsOf,
  rate,
  soundReport,
  temporaryLibrary,
  type TemporaryLibrary,
} from './library.fixture.ts';
import { openLibrary } from './library.ts';
import { insertChunks, textChunk } from './metadata/png-chunks.ts';

const pictures = 2000;
const trashed = 10;
/** More of them: `ATELIER_KILLS=100`. */
const kills = Number(process.env['ATELIER_KILLS'] ?? 6);
const openerPath = path.join(import.meta.dirname, 'opener.fixture.ts');

/** Files and a journal without a database; every tenth picture has four stars. */
async function withoutDatabase({ folder }: TemporaryLibrary): Promise<void> {
  const background = { r: 20, g: 90, b: 150 };
  const png = await sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
  for (const place of ['images', 'trash']) mkdirSync(path.join(folder, place), { recursive: true });
  const journal: string[] = [];
  for (let number = 0; number < pictures; number += 1) {
    const text = `castle ${number}\nSteps: 2, Sampler: Euler, Seed: ${number}`;
    const bytes = insertChunks(png, [textChunk('parameters', text)]);
    const place = number < trashed ? 'trash' : 'images';
    writeFileSync(path.join(folder, place, `${number}.png`), bytes);
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (number % 10 === 0) journal.push(`${JSON.stringify({ hash, rating: 4 })}\n`);
  }
  writeFileSync(path.join(folder, 'library-journal.jsonl'), journal.join(''));
}

function rowsIn(folder: string): number {
  using database = new DatabaseSync(path.join(folder, 'library.sqlite'), { readOnly: true });
  return Number(database.prepare('SELECT count(*) AS rows FROM images').get()?.['rows']);
}

it(`goes on where each of ${kills} kills left it, and ends with everything`, async () => {
  await using temporary = await temporaryLibrary();
  const { folder, cacheFolder } = temporary;
  await withoutDatabase(temporary);
  const kept = [0];
  for (let kill = 0; kill < kills; kill += 1) {
    const opener = fork(openerPath, [folder, cacheFolder]);
    expect((await once(opener, 'message'))[0]).toEqual({ opened: true });
    // Once it has done something, at any moment.
    for (let waits = 0; waits < 200 && rowsIn(folder) === kept.at(-1); waits += 1) await sleep(5);
    await sleep(Math.random() * 60);
    opener.kill('SIGKILL');
    await once(opener, 'close');
    kept.push(rowsIn(folder));
  }
  expect(kept).toEqual(kept.toSorted((a, b) => a - b));
  // A kill that found nothing more to do would prove nothing.
  expect(kept.filter((rows) => rows > 0 && rows < pictures).length).toBeGreaterThan(1);
  const library = await temporary.open();
  expect(await checkedReport(library)).toEqual(soundReport(pictures - trashed, trashed));
  expect(await idsOf(library, { text: 'rating:4' })).toHaveLength(pictures / 10 - 1);
  expect(await idsOf(library, { text: 'castle' })).toHaveLength(pictures - trashed);
}, 240_000);

it('lets marks through meanwhile, shows what is there, and can be closed', async () => {
  await using temporary = await temporaryLibrary();
  const { folder, cacheFolder } = temporary;
  await withoutDatabase(temporary);
  const library = await openLibrary({ folder, cacheFolder, log: () => {} });
  let isHealed = false;
  const healed = library.healed.then(
    () => (isHealed = true),
    () => {},
  );
  let there: string[] = [];
  while (there.length === 0) there = await idsOf(library);
  const [first = ''] = there;
  await rate(library, [first], 5);
  await library.change.trash({ ids: [first] });
  expect(isHealed).toBe(false);
  expect(there.length).toBeLessThan(pictures - trashed);
  await library.close();
  await healed;
  expect(isHealed).toBe(false);
  expect(rowsIn(folder)).toBeLessThan(pictures);
  const again = await temporary.open();
  expect(await idsOf(again, { text: 'rating:5', trashed: true })).toEqual([first]);
  expect(await checkedReport(again)).toEqual(soundReport(pictures - trashed - 1, trashed + 1));
}, 120_000);
