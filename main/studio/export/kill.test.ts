import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { addPicture, idsOf, recipeOf, temporaryLibrary } from '../library/library.fixture.ts';
import { filesIn } from './exports.fixture.ts';

const pictures = 40;
const exporterPath = path.join(import.meta.dirname, 'exporter.fixture.ts');

/** Of each kind; more of them: `ATELIER_KILLS=100`. */
const wantedKills = Number(process.env['ATELIER_KILLS'] ?? 12);

it.each([
  ['folder', wantedKills],
  ['zip', wantedKills],
] as const)(
  'an export into a %s that is killed %i times ends with exactly its files, all of them whole',
  async (kind, kills) => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    for (let seed = 0; seed < pictures; seed += 1)
      await addPicture(
        library,
        recipeOf({
          seed,
          pictureIndex: seed,
          prompt: `picture ${seed}`,
          createdAt: 1_800_000_000_000 + seed,
        }),
        { side: 128 },
      );
    const details = await Promise.all((await idsOf(library)).map((id) => library.get(id)));
    await library.close();
    const root = path.dirname(temporary.folder);
    const detailsFile = path.join(root, 'details.json');
    writeFileSync(detailsFile, JSON.stringify(details));
    const target = path.join(root, 'out', kind === 'zip' ? 'all.zip' : '');
    const run = () =>
      fork(exporterPath, [detailsFile, path.join(root, 'data'), target, kind], {
        // Most of a run that is killed early is its start.
        env: { ...process.env, NODE_COMPILE_CACHE: path.join(root, 'compiled') },
      });
    let killedUnderway = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const exporter = run();
      const closed = once(exporter, 'close');
      let isDone = false;
      exporter.on('message', (message) => (isDone ||= message !== 'running'));
      await Promise.race([once(exporter, 'message'), closed]);
      await sleep(Math.random() * 25);
      exporter.kill('SIGKILL');
      if (!isDone) killedUnderway += 1;
      await closed;
      if (kind !== 'folder') continue;
      for (const file of await filesIn(target).catch(() => []))
        if (file.endsWith('.webp')) await sharp(readFileSync(path.join(target, file))).metadata();
    }
    const last = run();
    const said: string[] = [];
    last.on('message', (message) => void (typeof message === 'string' && said.push(message)));
    await once(last, 'close');
    expect(said.at(-1)).toBe('done');
    // A kill that found nothing more to do would prove nothing.
    expect(killedUnderway).toBeGreaterThanOrEqual(kills * 0.8);

    const names = Array.from({ length: pictures }, (_, index) =>
      index === 0 ? 'same' : `same (${index + 1})`,
    ).flatMap((name) => [`${name}.txt`, `${name}.webp`]);
    const entries: Record<string, Uint8Array> =
      kind === 'zip'
        ? unzipSync(readFileSync(target))
        : Object.fromEntries(
            (await filesIn(target)).map((file) => [file, readFileSync(path.join(target, file))]),
          );
    expect(Object.keys(entries).toSorted()).toEqual(names.toSorted());
    const told = Object.entries(entries)
      .filter(([name]) => name.endsWith('.txt'))
      .map(([, bytes]) => Buffer.from(bytes).toString());
    expect(new Set(told).size).toBe(pictures);
    for (const [name, bytes] of Object.entries(entries))
      if (name.endsWith('.webp')) await sharp(bytes).stats();
    expect(await filesIn(path.join(root, 'out'))).toHaveLength(kind === 'zip' ? 1 : names.length);
  },
  60_000 + wantedKills * 10_000,
);
