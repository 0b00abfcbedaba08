/** What the gallery needs before a person asks: thumbnails of every picture, and how alike they are. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import {
  analysePicture,
  type PictureAnalysis,
} from '../../main/studio/library/analysis/analyse-picture.ts';
import { analysisSide } from '../../main/studio/library/analysis/analysis-pixels.ts';
import { descriptorLength } from '../../main/studio/library/analysis/descriptor.ts';
import { colourWithin } from '../../main/studio/library/analysis/dominant-colours.ts';
import { createPictureIndex } from '../../main/studio/library/analysis/picture-index.ts';
import {
  createPictureWork,
  type UnanalysedPicture,
} from '../../main/studio/library/thumbnails/picture-work.ts';
import { thumbnailEncoding } from '../../main/studio/library/thumbnails/shrink-picture.ts';
import { median, type Scenario } from '../figure.ts';

/** Numbers from 0 to 1 that are the same in every run. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Soft shapes with grain over them, so that files are about as large as drawn pictures. */
async function paint(seed: number, side: number): Promise<Sharp> {
  const random = randomOf(seed);
  const colour = () => `hsl(${random() * 360}, ${30 + random() * 60}%, ${20 + random() * 60}%)`;
  const shapes = Array.from(
    { length: 12 },
    () =>
      `<ellipse cx="${random() * 100}" cy="${random() * 100}" rx="${5 + random() * 30}" ry="${5 + random() * 30}" fill="${colour()}"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="${side}" height="${side}"><rect width="100" height="100" fill="${colour()}"/>${shapes.join('')}</svg>`;
  const { data } = await sharp(Buffer.from(svg))
    .flatten()
    .blur(1.5)
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let at = 0; at < data.length; at += 1)
    data[at] = Math.max(0, Math.min(255, (data[at] ?? 0) + Math.round(random() * 12 - 6)));
  return sharp(data, { raw: { width: side, height: side, channels: 3 } });
}

async function paintFiles(folder: string, count: number): Promise<UnanalysedPicture[]> {
  const pictures: UnanalysedPicture[] = [];
  for (let number = 0; number < count; number += 1) {
    const file = path.join(folder, `${number}.${number % 4 === 0 ? 'jpg' : 'png'}`);
    const painting = await paint(number + 1, 1024);
    await (number % 4 === 0 ? painting.jpeg({ quality: 92 }) : painting.png()).toFile(file);
    // All in one folder, which is there already: so it is for all but the first of 100,000.
    const contentHash = `00${createHash('sha256').update(file).digest('hex').slice(2)}`;
    pictures.push({ contentHash, path: file, position: number + 1 });
  }
  return pictures;
}

/** @param first start its thread and its just-in-time compiler, as happens once for a whole library */
async function ours(
  pictures: readonly UnanalysedPicture[],
  first: readonly UnanalysedPicture[],
  cacheFolder: string,
): Promise<{ seconds: number; analysed: number }> {
  let analysed = 0;
  const work = createPictureWork({
    cacheFolder,
    store: {
      unanalysed: (before, limit) =>
        Promise.resolve(
          pictures
            .filter(({ position }) => before === null || position < before)
            .toReversed()
            .slice(0, limit),
        ),
      storeAnalyses(analyses) {
        analysed += analyses.filter(({ analysis }) => analysis !== null).length;
        return Promise.resolve();
      },
    },
    log: (level, text) => console.log(`${level}: ${text}`),
  });
  for (const picture of first) await work.thumbnail(picture.contentHash, picture.path, 192);
  await work.settled();
  analysed = 0;
  const startedAt = performance.now();
  work.lookForPictures();
  await work.settled();
  const seconds = (performance.now() - startedAt) / 1000;
  await work.close();
  return { seconds, analysed };
}

/** The same decode, resizes, encodes and files in the fewest words. @returns seconds */
async function bareSharp(pictures: readonly UnanalysedPicture[], folder: string): Promise<number> {
  const sizes = [768, 384, 192];
  for (const size of sizes) mkdirSync(path.join(folder, String(size)), { recursive: true });
  const waiting = [...pictures];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let picture = waiting.pop(); picture; picture = waiting.pop()) {
        let source = sharp(picture.path).autoOrient();
        for (const size of sizes) {
          const { data, info } = await source
            .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
            .raw()
            .toBuffer({ resolveWithObject: true });
          const { width, height, channels } = info;
          const raw = { raw: { width, height, channels } };
          source = sharp(data, raw);
          const file = path.join(folder, String(size), `${picture.contentHash}.webp`);
          await sharp(data, raw).webp(thumbnailEncoding).toFile(`${file}.part`);
          await rename(`${file}.part`, file);
        }
      }
    }),
  );
  return (performance.now() - startedAt) / 1000;
}

export const thumbnails: Scenario = {
  name: 'thumbnails',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-thumbnails-'));
    try {
      const painted = await paintFiles(folder, 96 + 8);
      const first = painted.slice(0, 8);
      const pictures = painted.slice(8);
      await bareSharp(first, path.join(folder, 'warm'));
      const oursSeconds: number[] = [];
      const bareSeconds: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const { seconds, analysed } = await ours(
          pictures,
          first,
          path.join(folder, `ours-${round}`),
        );
        if (analysed !== pictures.length) throw new Error(`Only ${analysed} pictures were done.`);
        oursSeconds.push(seconds);
        bareSeconds.push(await bareSharp(pictures, path.join(folder, `bare-${round}`)));
      }
      const ratios = oursSeconds.map((seconds, round) => seconds / (bareSeconds[round] ?? seconds));
      const each = (seconds: number) => `${(pictures.length / seconds).toFixed(1)} pictures/s`;
      return [
        {
          name: 'time for thumbnails and analysis, to bare sharp without analysis',
          value: median(ratios),
          unit: 'ratio',
          // 90 % of its throughput.
          limit: 1 / 0.9,
          samples: ratios,
          note: `192, 384 and 768 px of 96 pictures of 1024 × 1024 (PNG, every fourth JPEG), ${availableParallelism()} cores, alternating: ${each(median(oursSeconds))} to ${each(median(bareSeconds))}`,
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const pictureCount = 100_000;

/** Of two pictures something in between with some chance in it: spread like real ones, and no two the same. */
function mixed(
  one: PictureAnalysis,
  other: PictureAnalysis,
  random: () => number,
): PictureAnalysis {
  const share = random();
  return {
    hash:
      BigInt(Math.floor(random() * 2 ** 32)) * 2n ** 32n + BigInt(Math.floor(random() * 2 ** 32)),
    descriptor: Int8Array.from({ length: descriptorLength }, (_, at) => {
      const between = share * (one.descriptor[at] ?? 0) + (1 - share) * (other.descriptor[at] ?? 0);
      return Math.max(-127, Math.min(127, Math.round(between + random() * 12 - 6)));
    }),
    colours: random() < 0.5 ? one.colours : other.colours,
  };
}

/** The same picture saved anew: a few bits and small differences. */
function savedAnew(analysis: PictureAnalysis, random: () => number): PictureAnalysis {
  let hash = analysis.hash;
  for (let bit = 0; bit < 3; bit += 1) hash ^= 1n << BigInt(Math.floor(random() * 64));
  const descriptor = analysis.descriptor.map((value) => value + Math.round(random() * 2 - 1));
  return { ...analysis, hash, descriptor };
}

function percentile95(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length * 0.95)] ?? Infinity;
}

/** Milliseconds of each call. */
function timed(count: number, work: (index: number) => void): number[] {
  return Array.from({ length: count }, (_, index) => {
    const startedAt = performance.now();
    work(index);
    return performance.now() - startedAt;
  });
}

export const similarity: Scenario = {
  name: 'similarity',
  async run() {
    const squares: Uint8Array[] = [];
    for (let seed = 1; seed <= 200; seed += 1)
      squares.push(new Uint8Array(await (await paint(seed, analysisSide)).raw().toBuffer()));
    const painted = squares.map(analysePicture);
    const analysing = timed(squares.length, (index) => {
      analysePicture(squares[index] ?? new Uint8Array());
    });

    const random = randomOf(7);
    const pick = () => painted[Math.floor(random() * painted.length)] as PictureAnalysis;
    const index = createPictureIndex<number>();
    let copies = 0;
    let last = pick();
    for (let key = 0; key < pictureCount; key += 1) {
      const isCopy = key % 50 === 49;
      last = isCopy ? savedAnew(last, random) : mixed(pick(), pick(), random);
      if (isCopy) copies += 1;
      index.add(key, last);
    }
    const queries = Array.from({ length: 200 }, () => mixed(pick(), pick(), random));
    const searching = timed(queries.length, (at) => {
      index.nearest(queries[at]?.descriptor ?? new Int8Array(), 50);
    });
    const colouring = timed(queries.length, (at) => {
      const [colour] = queries[at]?.colours ?? [];
      if (colour) index.withColour(colour, colourWithin);
    });
    let groups = 0;
    const grouping = timed(3, () => {
      groups = index.duplicates().length;
    });
    const of = `${pictureCount.toLocaleString('en')} pictures`;
    return [
      {
        name: 'analysis of a picture beyond its decode',
        value: percentile95(analysing),
        unit: 'ms',
        limit: 5,
        samples: [median(analysing), percentile95(analysing)],
        note: 'samples: median, 95th percentile',
      },
      {
        name: `the 50 most similar of ${of}, 95th percentile`,
        value: percentile95(searching),
        unit: 'ms',
        limit: 50,
        samples: [median(searching), percentile95(searching), Math.max(...searching)],
        note: 'samples: median, 95th percentile, longest',
      },
      {
        name: `${of} searched for a colour, 95th percentile`,
        value: percentile95(colouring),
        unit: 'ms',
        limit: 50,
        samples: [median(colouring), percentile95(colouring), Math.max(...colouring)],
        note: 'samples: median, 95th percentile, longest',
      },
      {
        name: `duplicates among ${of}`,
        value: median(grouping) / 1000,
        unit: 's',
        limit: 10,
        samples: grouping.map((ms) => ms / 1000),
        note: `mirrored ones too; ${groups} groups, ${copies} copies were made`,
      },
    ];
  },
};
