import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { checkedReport, soundReport, temporaryLibrary } from './library.fixture.ts';

const kills = 32;
const adderPath = path.join(import.meta.dirname, 'adder.fixture.ts');

it(`loses no finished picture and makes none twice over ${kills} kills at random moments`, async () => {
  await using temporary = await temporaryLibrary();
  const jobId = randomUUID();
  const count = 10_000;
  const acknowledged = new Set<number>();
  const madeTwice: number[] = [];
  let killedWhileAdding = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const adder = fork(adderPath, [temporary.folder, temporary.cacheFolder, jobId, String(count)]);
    adder.on('message', (message) => {
      if (typeof message !== 'number') return;
      // An index that was acknowledged before and comes again was made twice.
      if (acknowledged.has(message)) madeTwice.push(message);
      acknowledged.add(message);
    });
    // Every fourth is killed while it starts, heals and migrates; the others among their pictures.
    const isEarly = kill % 4 === 3;
    if (!isEarly) {
      // 'ready', then one to three pictures.
      for (let messages = 2 + Math.floor(Math.random() * 3); messages > 0; messages -= 1) {
        await once(adder, 'message');
      }
      killedWhileAdding += 1;
    }
    await sleep(Math.random() * (isEarly ? 400 : 40));
    adder.kill('SIGKILL');
    await once(adder, 'close');
  }
  expect(killedWhileAdding).toBeGreaterThanOrEqual(kills / 2);
  expect(acknowledged.size).toBeGreaterThanOrEqual(killedWhileAdding);
  expect(madeTwice).toEqual([]);

  const library = await temporary.open();
  const finished = await library.finishedPictures(jobId);
  const indices = finished.map(({ index }) => index);
  expect(new Set(indices).size).toBe(indices.length);
  // At most one picture per kill may be there without having been acknowledged.
  expect([...acknowledged].filter((index) => !indices.includes(index))).toEqual([]);
  expect(indices.length - acknowledged.size).toBeLessThanOrEqual(kills);
  for (const { index, imageId } of finished) {
    const { rating, recipe, missing } = await library.get(imageId);
    expect({ missing, pictureIndex: recipe?.pictureIndex }).toEqual({
      missing: false,
      pictureIndex: index,
    });
    if (acknowledged.has(index)) expect(rating).toBe(1 + (index % 5));
  }
  expect(await checkedReport(library)).toEqual(soundReport(indices.length));
  const files = readdirSync(path.join(temporary.folder, 'images'), {
    recursive: true,
    withFileTypes: true,
  });
  expect(files.filter((entry) => entry.isFile())).toHaveLength(indices.length);
}, 120_000);
