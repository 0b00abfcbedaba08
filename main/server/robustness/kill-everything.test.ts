/** Power cuts, as far as a process can have them: host and engine die together, at any moment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ImageDetail } from '../../../contract/images.ts';
import { createStudio, type Studio } from '../../studio/create-studio.ts';
import { createNodeHostPorts } from '../../studio/node-host-ports.ts';
import { newestOf, reportOf, soundReport } from '../../studio/library/library.fixture.ts';

const kills = 50;
const picturesPerJob = 3;
const entry = fileURLToPath(new URL('./studio-process.ts', import.meta.url));
const tinyModel = fileURLToPath(
  new URL('../../engine/diffusion/golden/tiny-stable-diffusion', import.meta.url),
);
const Report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open') }),
  z.object({ kind: z.literal('added'), id: z.string(), seed: z.number() }),
  z.object({ kind: z.literal('idle') }),
]);

let base: string;
let models: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-kill-'));
  models = path.join(base, 'models');
  await mkdir(models);
  await cp(tinyModel, path.join(models, 'tiny'), { recursive: true });
});
afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 5 }));

/** Starts a studio in a process group of its own, so that one signal ends host and engine. */
function startProcess(folder: string, jobs: number, firstSeed: number) {
  const child = spawn(process.execPath, [entry, folder, models, String(jobs), String(firstSeed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const reports: z.infer<typeof Report>[] = [];
  let rest = '';
  let onReport = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    reports.push(...lines.map((line) => Report.parse(JSON.parse(line))));
    onReport();
  });
  const exited = once(child, 'exit');
  return {
    reports,
    exited,
    async reported(kind: z.infer<typeof Report>['kind']) {
      while (!reports.some((report) => report.kind === kind)) {
        if (child.exitCode !== null)
          throw new Error(`The studio ended with code ${child.exitCode}.`);
        await Promise.race([new Promise<void>((resolve) => (onReport = resolve)), exited]);
      }
    },
    async kill() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await exited;
    },
  };
}

function openStudio(folder: string): Promise<Studio> {
  return createStudio(
    createNodeHostPorts(
      'server',
      {
        data: path.join(folder, 'data'),
        library: path.join(folder, 'library'),
        cache: path.join(folder, 'cache'),
      },
      models,
    ),
  );
}

async function allPictures(studio: Studio): Promise<ImageDetail[]> {
  const items = await newestOf(studio.client);
  return Promise.all(items.map(({ id }) => studio.client['images.get']({ id })));
}

/** Pixels by seed: what a picture shows depends on nothing else here. */
async function pixelsBySeed(pictures: readonly ImageDetail[]): Promise<Map<number, string>> {
  const entries = pictures.map(async ({ recipe, path: file }) => {
    const pixels = await sharp(file).raw().toBuffer();
    return [recipe?.settings.seed ?? -1, pixels.toString('base64')] as const;
  });
  return new Map(await Promise.all(entries));
}

describe('a studio that is killed again and again', () => {
  it(
    `loses nothing it acknowledged and makes nothing twice in ${kills} kills at random moments`,
    { timeout: 600_000 },
    async () => {
      const folder = path.join(base, 'killed');
      const acknowledged: { readonly id: string; readonly seed: number }[] = [];
      const longestMs = { open: 400, work: 900 };
      for (let round = 0; round < kills; round += 1) {
        const studio = startProcess(folder, 1, 1000 * (round + 1));
        // Half of the kills come while the studio opens or adds, half while it draws.
        if (round % 2 === 0) await sleep(Math.random() * longestMs.open);
        else {
          await studio.reported('added');
          await sleep(Math.random() * longestMs.work);
        }
        await studio.kill();
        for (const report of studio.reports) if (report.kind === 'added') acknowledged.push(report);
      }
      expect(acknowledged.length).toBeGreaterThanOrEqual(kills / 2);

      const last = startProcess(folder, 0, 0);
      await last.reported('idle');
      await last.exited;

      const studio = await openStudio(folder);
      try {
        const pictures = await allPictures(studio);
        const made = pictures.map(({ recipe }) => `${recipe?.jobId} ${recipe?.pictureIndex}`);
        expect(new Set(made).size).toBe(made.length);
        const expected = acknowledged.flatMap(({ id }) =>
          Array.from({ length: picturesPerJob }, (_, index) => `${id} ${index}`),
        );
        expect(made).toEqual(expect.arrayContaining(expected));
        expect(await reportOf(studio.client['library.check']({}))).toEqual(
          soundReport(pictures.length),
        );
        expect(await differing(pictures)).toEqual([]);
      } finally {
        await studio.close();
      }
    },
  );
});

/** Seeds whose pictures differ from those of a studio that nobody disturbed. */
async function differing(pictures: readonly ImageDetail[]): Promise<number[]> {
  const undisturbed = path.join(base, 'undisturbed');
  const seeds = [
    ...new Set(pictures.map(({ recipe }) => Math.floor((recipe?.settings.seed ?? 0) / 1000))),
  ];
  const sample = seeds.slice(0, 5);
  for (const seed of sample) {
    const studio = startProcess(undisturbed, 1, seed * 1000);
    await studio.reported('idle');
    await studio.exited;
  }
  const studio = await openStudio(undisturbed);
  try {
    const reference = await pixelsBySeed(await allPictures(studio));
    const own = await pixelsBySeed(pictures);
    return [...reference]
      .filter(([seed, pixels]) => own.get(seed) !== pixels)
      .map(([seed]) => seed);
  } finally {
    await studio.close();
  }
}
