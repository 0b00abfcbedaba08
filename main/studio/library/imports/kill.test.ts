import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ImportJob } from '../../../../contract/imports.ts';
import { hashOf } from '../image-changes.ts';
import { checkedReport, idsOf, soundReport } from '../library.fixture.ts';
import { openImporting, picture, put, temporaryRoot } from './imports.fixture.ts';

/** As many as do not hold up the other tests; more of them: `ATELIER_KILLS=100`. */
const kills = Number(process.env['ATELIER_KILLS'] ?? 20);
const pictures = 36;
/** Processes that are started ahead and die side by side, each in a library of its own. */
const lanes = 3;
const importerPath = path.join(import.meta.dirname, 'importer.fixture.ts');

it(
  `has every picture once and none half over ${kills} kills at random moments`,
  async () => {
    await using folders = await temporaryRoot();
    const { from } = folders;
    const formats = ['png', 'jpeg', 'webp', 'gif'] as const;
    for (let at = 0; at < pictures; at += 1) {
      const format = formats[at % formats.length] ?? 'png';
      await put(path.join(from, `${at % 5}`, `${at}.${format}`), await picture(5000 + at, format));
    }
    const hashes = filesIn(from).map((file) => hashOf(readFileSync(file)));
    const counts = { kills: 0, midway: 0, finished: 0 };

    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        const root = path.join(folders.root, `lane-${lane}`);
        let isNew = true;
        for (let kill = lane; kill < kills; kill += lanes) {
          const importer = fork(importerPath, [root, from, isNew ? 'new' : '']);
          let isDone = false;
          const reached = Promise.withResolvers<void>();
          let left = 1 + Math.floor(Math.random() * 8);
          importer.on('message', (message) => {
            isDone ||= message === 'done';
            left -= 1;
            if (left === 0 || isDone) reached.resolve();
          });
          importer.once('exit', () => reached.resolve());
          // Every sixth is killed while it opens, the others among their pictures.
          if (kill % 6 === 5) await sleep(Math.random() * 800);
          else {
            await reached.promise;
            await sleep(Math.random() * 12);
          }
          const stored = countOf(root);
          importer.kill('SIGKILL');
          await once(importer, 'close');
          counts.kills += 1;
          if (stored > 0 && stored < pictures) counts.midway += 1;
          isNew = false;
          if (!isDone) continue;
          // It was faster than the killer: the next one begins with an empty library.
          counts.finished += 1;
          await expectWhole(root, hashes);
          rmSync(root, { recursive: true, force: true });
          isNew = true;
        }
        if (!isNew) await expectWhole(root, hashes);
      }),
    );
    expect(counts.kills).toBe(kills);
    expect(counts.midway).toBeGreaterThanOrEqual(kills / 4);
  },
  120_000 + kills * 24_000,
);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function countOf(root: string): number {
  try {
    return filesIn(path.join(root, 'library/images')).length;
  } catch {
    return 0;
  }
}

/** Once the last job is through, where one was started before the first kill. */
async function expectWhole(root: string, hashes: readonly string[]): Promise<void> {
  await using opened = await openImporting(root);
  const { imports, library } = opened;
  await library.healed;
  await imports.settled();
  const snapshots = imports.watch(AbortSignal.timeout(10_000));
  const { value: jobs } = await snapshots[Symbol.asyncIterator]().next();
  const first = (jobs as readonly ImportJob[])[0];
  // Killed before even the job was on disk.
  if (!first) return;
  expect(first.state).toBe('done');
  expect(first.progress.skipped).toBe(0);
  const stored = filesIn(path.join(root, 'library/images'));
  expect(stored.map((file) => hashOf(readFileSync(file))).toSorted()).toEqual(hashes.toSorted());
  expect(await idsOf(library)).toHaveLength(hashes.length);
  expect(await idsOf(library, { text: 'tag:kept' })).toHaveLength(hashes.length);
  expect(await checkedReport(library)).toEqual(soundReport(hashes.length));
  expect(filesIn(path.join(root, 'library/incoming'))).toEqual([]);
}
