/**
 * Batch export against a bare loop over sharp with the same encoder on all cores, alternating in one run; and what
 * it holds in memory, at two sizes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { ExportOptions } from '../../contract/exports.ts';
import type { ImageDetail } from '../../contract/images.ts';
import { openExports } from '../../main/studio/export/exports-handlers.ts';
import { packIds } from '../../main/studio/export/pictures/packed-ids.ts';
import { median, type Figure, type Scenario } from '../figure.ts';

const sidePixels = 1024;
const rounds = 5;
const picturesOfRound = 48;
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

function detailOf(index: number, file: string, side: number): ImageDetail {
  const digits = index.toString(16).padStart(12, '0');
  return {
    id: `00000000-0000-8000-8000-${digits}`,
    contentHash: digits.padStart(64, '0'),
    width: side,
    height: side,
    createdAt: 1_800_000_000_000,
    prompt: 'a red apple',
    rating: 0,
    flag: null,
    label: null,
    tagCount: 0,
    hasNote: false,
    format: 'png',
    source: 'imported',
    url: '',
    thumbnailUrl: '',
    isSheet: false,
    fileName: path.basename(file),
    path: file,
    sizeBytes: 0,
    recipe: null,
    parameters: 'a red apple\nSteps: 20, Seed: 1, Size: 1024x1024',
    missing: false,
    tags: [],
    note: '',
    albums: [],
    program: 'web-ui',
    understood: null,
    rawTexts: [],
    importedFrom: null,
    colours: [],
    problems: [],
  };
}

async function exportAll(folder: string, name: string, details: readonly ImageDetail[]) {
  const pictures = new Map(details.map((detail) => [detail.id, detail]));
  const { signal } = new AbortController();
  const exports = await openExports({
    dataFolder: path.join(folder, `${name}-data`),
    libraryFolder: path.join(folder, 'none'),
    pictures: {
      resolve: () =>
        Promise.resolve({ ids: packIds([...pictures.keys()]), album: '', problems: [] }),
      get: (id) => Promise.resolve(pictures.get(id) ?? detailOf(0, '', 1)),
    },
    resumes: false,
    reveal: null,
    now: Date.now,
    log: () => {},
  });
  const { id } = await exports.handlers['exports.start'](
    ExportOptions.parse({
      source: { query: '' },
      target: { kind: 'folder', path: path.join(folder, name) },
      settings: {
        format: 'webp',
        quality: 82,
        size: { mode: 'long-edge', pixels: 768 },
        name: '{n:06}',
      },
    }),
    { signal },
  );
  let peakBytes = 0;
  let startedAt = performance.now();
  for await (const jobs of exports.handlers['exports.watch']({}, { signal })) {
    const job = jobs.find((one) => one.id === id);
    if (job?.progress.done === 0) startedAt = performance.now();
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
    if (job?.state === 'done') break;
    if (job && !['queued', 'running'].includes(job.state))
      throw new Error(
        `The export is ${job.state}: ${JSON.stringify(job.error ?? job.pausedBecause)}`,
      );
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await exports.close();
  return { seconds, peakBytes };
}

async function bareLoop(folder: string, name: string, details: readonly ImageDetail[]) {
  const out = path.join(folder, name);
  await mkdir(out, { recursive: true });
  const waiting = [...details.entries()];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, { path: file }] = next;
        await sharp(await readFile(file))
          .resize({ width: 768, height: 768, fit: 'fill' })
          .webp({ quality: 82, effort: 4 })
          .toFile(path.join(out, `${index}.webp`));
      }
    }),
  );
  return (performance.now() - startedAt) / 1000;
}

async function throughput(folder: string): Promise<readonly Figure[]> {
  const file = path.join(folder, 'large.png');
  await writePicture(file, sidePixels);
  const details = Array.from({ length: picturesOfRound }, (_, index) =>
    detailOf(index, file, sidePixels),
  );
  const ratios: number[] = [];
  await bareLoop(folder, 'warm', details.slice(0, 8));
  for (let round = 0; round < rounds; round += 1) {
    const bareFirst = await bareLoop(folder, `bare-${round}`, details);
    const { seconds } = await exportAll(folder, `own-${round}`, details);
    const bareAfter = await bareLoop(folder, `bare-after-${round}`, details);
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

async function memory(folder: string): Promise<readonly Figure[]> {
  const file = path.join(folder, 'small.png');
  await writePicture(file, smallPixels);
  const details = (count: number) =>
    Array.from({ length: count }, (_, index) => detailOf(index, file, smallPixels));
  const few = await exportAll(folder, 'few', details(fewPictures));
  const many = await exportAll(folder, 'many', details(manyPictures));
  return [
    {
      name: `memory at ${manyPictures} pictures beyond that at ${fewPictures}`,
      value: (many.peakBytes - few.peakBytes) / 2 ** 20,
      unit: 'MB',
      limit: 96,
      samples: [few.peakBytes / 2 ** 20, many.peakBytes / 2 ** 20],
      note: 'peak resident set of the whole process, its own list of pictures among it',
    },
  ];
}
