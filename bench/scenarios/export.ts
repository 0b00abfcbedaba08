/**
 * Batch export against a bare loop over sharp with the same encoder on all cores, alternating in one run; and what
 * it holds in memory, at two sizes.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { median, type Figure, type Scenario } from '../figure.ts';
import { exportAll, type HeldMemory } from './export-run.ts';

const sidePixels = 1024;
const rounds = 5;
const picturesOfRound = 144;
const fewPictures = 200;
const manyPictures = 10_000;
const smallPixels = 96;

export const batchExport: Scenario = {
  name: 'export',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-export-'));
    try {
      return [...(await throughput(folder)), ...(await memory(folder))];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A picture that compresses about as drawn ones do: soft shapes under a little grain. */
async function writePicture(file: string, side: number): Promise<void> {
  const pixels = new Uint8Array(side * side * 3);
  let state = 1;
  for (let at = 0; at < pixels.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const x = Math.floor(at / 3) % side;
    const y = Math.floor(at / 3 / side);
    pixels[at] = 128 + 90 * Math.sin(x / 37 + (at % 3)) * Math.cos(y / 53) + (state >>> 29);
  }
  await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toFile(file);
}

async function bareLoop(folder: string, name: string, pictures: number, file: string) {
  const out = path.join(folder, name);
  await mkdir(out, { recursive: true });
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let index = next++; index < pictures; index = next++)
        await sharp(await readFile(file))
          .resize({ width: 768, height: 768, fit: 'fill' })
          .webp({ quality: 82, effort: 4 })
          .toFile(path.join(out, `${index}.webp`));
    }),
  );
  return (performance.now() - startedAt) / 1000;
}

async function throughput(folder: string): Promise<readonly Figure[]> {
  const file = path.join(folder, 'large.png');
  await writePicture(file, sidePixels);
  const ratios: number[] = [];
  await bareLoop(folder, 'warm', 8, file);
  await exportAll(folder, 'own-warm', 8, file, sidePixels);
  for (let round = 0; round < rounds; round += 1) {
    const bareFirst = await bareLoop(folder, `bare-${round}`, picturesOfRound, file);
    const seconds = await exportAll(folder, `own-${round}`, picturesOfRound, file, sidePixels);
    const bareAfter = await bareLoop(folder, `bare-after-${round}`, picturesOfRound, file);
    ratios.push(seconds / ((bareFirst + bareAfter) / 2));
  }
  return [
    {
      name: 'time of an export over that of a bare sharp loop',
      value: median(ratios),
      unit: 'ratio',
      // At least 90 % of its throughput.
      limit: 1 / 0.9,
      samples: ratios,
      note: `${picturesOfRound} pictures of ${sidePixels} pixels to WebP of 768`,
    },
  ];
}

/** In a process that holds nothing else. */
async function heldBy(folder: string, pictures: number, file: string): Promise<HeldMemory> {
  const child = fork(
    path.join(import.meta.dirname, 'export-run.ts'),
    [folder, `held-${pictures}`, String(pictures), file, String(smallPixels)],
    { execArgv: ['--expose-gc'] },
  );
  const [told] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The export ended with ${String(code)}.`);
    }),
  ])) as [HeldMemory];
  return told;
}

async function memory(folder: string): Promise<readonly Figure[]> {
  const file = path.join(folder, 'small.png');
  await writePicture(file, smallPixels);
  const few = await heldBy(folder, fewPictures, file);
  const many = await heldBy(folder, manyPictures, file);
  const megabytes = (bytes: number) => bytes / 2 ** 20;
  return [
    {
      name: `memory at ${manyPictures} pictures beyond that at ${fewPictures}`,
      value: megabytes(many.held - few.held),
      unit: 'MB',
      limit: 96,
      samples: [megabytes(few.held), megabytes(many.held)],
      note: 'highest resident set after collecting garbage, each in a process of its own',
    },
    {
      name: 'the same with garbage',
      value: megabytes(many.withGarbage - few.withGarbage),
      unit: 'MB',
      limit: null,
      samples: [megabytes(few.withGarbage), megabytes(many.withGarbage)],
      note: 'highest resident set, whenever the engine collects',
    },
  ];
}
