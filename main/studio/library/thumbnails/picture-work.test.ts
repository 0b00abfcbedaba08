import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { thumbnailSizes } from '../../../../contract/thumbnail-sizes.ts';
import { parseAnalysis } from '../analysis/analyse-picture.ts';
import {
  createPictureWork,
  type AnalysisStore,
  type PictureWorkOptions,
  type StoredAnalysis,
  type UnanalysedPicture,
} from './picture-work.ts';
import { thumbnailPath } from './thumbnail-files.ts';

interface Shelf extends AsyncDisposable {
  readonly cacheFolder: string;
  readonly pictures: UnanalysedPicture[];
  readonly stored: Map<string, Uint8Array | null>;
  /** Sizes of the batches that were stored. */
  readonly batches: number[];
  /** Arguments of the look-ups. */
  readonly lookUps: (number | null)[];
  readonly entries: string[];
  readonly store: AnalysisStore;
  add(bytes: Uint8Array, name?: string): Promise<UnanalysedPicture>;
  start(options?: Partial<PictureWorkOptions>): ReturnType<typeof createPictureWork>;
}

/** A folder of pictures, and what a database would know of them. */
async function openShelf(): Promise<Shelf> {
  const root = await mkdtemp(path.join(tmpdir(), 'atelier-pictures-'));
  const cacheFolder = path.join(root, 'cache');
  const pictures: UnanalysedPicture[] = [];
  const stored = new Map<string, Uint8Array | null>();
  const batches: number[] = [];
  const lookUps: (number | null)[] = [];
  const entries: string[] = [];
  const started: ReturnType<typeof createPictureWork>[] = [];
  const store: AnalysisStore = {
    unanalysed(before, limit) {
      lookUps.push(before);
      const found = pictures
        .filter(({ position }) => before === null || position < before)
        .filter(({ contentHash }) => !stored.has(contentHash))
        .toReversed()
        .slice(0, limit);
      return Promise.resolve(found);
    },
    storeAnalyses(analyses: readonly StoredAnalysis[]) {
      batches.push(analyses.length);
      for (const { contentHash, analysis } of analyses) stored.set(contentHash, analysis);
      return Promise.resolve();
    },
  };
  return {
    cacheFolder,
    pictures,
    stored,
    batches,
    lookUps,
    entries,
    store,
    async add(bytes, name = `${pictures.length}.picture`) {
      const file = path.join(root, name);
      await writeFile(file, bytes);
      const contentHash = createHash('sha256').update(bytes).digest('hex');
      const picture = { contentHash, path: file, position: pictures.length + 1 };
      pictures.push(picture);
      return picture;
    },
    start(options = {}) {
      const work = createPictureWork({
        cacheFolder,
        store,
        log: (level, text) => entries.push(`${level}: ${text}`),
        ...options,
      });
      started.push(work);
      return work;
    },
    async [Symbol.asyncDispose]() {
      for (const work of started) await work.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A colour of its own for each number. */
function plain(number: number, width = 40, height = 30): Sharp {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: { r: number % 256, g: Math.floor(number / 256), b: 90 },
    },
  });
}

describe('the window', () => {
  it.each(['png', 'jpeg', 'webp', 'avif', 'gif', 'tiff'] as const)(
    'gets three sizes of a picture in %s, made by one decode',
    async (format) => {
      await using shelf = await openShelf();
      const picture = await shelf.add(await plain(7, 1000, 500).toFormat(format).toBuffer());
      const work = shelf.start();
      const files = await Promise.all(
        thumbnailSizes.map((size) => work.thumbnail(picture.contentHash, picture.path, size)),
      );
      for (const [index, size] of thumbnailSizes.entries()) {
        expect(await sharp(files[index]).metadata()).toMatchObject({
          format: 'webp',
          width: size,
          height: size / 2,
        });
      }
      await work.settled();
      expect(shelf.batches).toEqual([1]);
    },
  );

  it('sees a small picture in its own size', async () => {
    await using shelf = await openShelf();
    const picture = await shelf.add(await plain(7, 300, 200).png().toBuffer());
    const work = shelf.start();
    const widths = [];
    for (const size of thumbnailSizes) {
      const file = await work.thumbnail(picture.contentHash, picture.path, size);
      widths.push((await sharp(file).metadata()).width);
    }
    expect(widths).toEqual([192, 300, 300]);
  });

  it('sees a picture upright, as its EXIF orientation says', async () => {
    await using shelf = await openShelf();
    const lying = await plain(7, 600, 300).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const picture = await shelf.add(lying);
    const file = await shelf.start().thumbnail(picture.contentHash, picture.path, 192);
    expect(await sharp(file).metadata()).toMatchObject({ width: 96, height: 192 });
  });

  it('sees grey, 16-bit and transparent pictures as well', async () => {
    await using shelf = await openShelf();
    const work = shelf.start();
    const grey = await shelf.add(await plain(7).toColourspace('b-w').png().toBuffer());
    const deep = await shelf.add(await plain(8).toColourspace('rgb16').png().toBuffer());
    const clear = await shelf.add(await plain(9).ensureAlpha(0.5).png().toBuffer());
    for (const { contentHash, path: file } of [grey, deep, clear])
      await work.thumbnail(contentHash, file, 192);
    await work.settled();
    expect(
      [...shelf.stored.values()].map((bytes) => bytes && parseAnalysis(bytes) !== null),
    ).toEqual([true, true, true]);
    const thumbnail = thumbnailPath(shelf.cacheFolder, 192, clear.contentHash);
    expect((await sharp(thumbnail).metadata()).hasAlpha).toBe(true);
  });

  it('never gets a file that was cut short', async () => {
    await using shelf = await openShelf();
    const picture = await shelf.add(await plain(7, 400, 400).png().toBuffer());
    const work = shelf.start();
    const file = await work.thumbnail(picture.contentHash, picture.path, 384);
    const whole = await readFile(file);
    for (const length of [0, 11, whole.length - 1]) {
      await truncate(file, length);
      expect(await readFile(await work.thumbnail(picture.contentHash, picture.path, 384))).toEqual(
        whole,
      );
    }
    expect(await readdir(path.dirname(file))).toEqual([path.basename(file)]);
  });

  it('is told of pictures that claim too much, are damaged or are gone', async () => {
    await using shelf = await openShelf();
    const work = shelf.start();
    const huge = await plain(7).png().toBuffer();
    // Width and height of IHDR, and its checksum.
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    const claimed = await shelf.add(huge);
    await expect(work.thumbnail(claimed.contentHash, claimed.path, 192)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('268,435,456'),
    });
    const damaged = await shelf.add(Buffer.from('not a picture'));
    const asking = () => work.thumbnail(damaged.contentHash, damaged.path, 192);
    await expect(asking()).rejects.toMatchObject({ code: 'unsupported' });
    await writeFile(damaged.path, await plain(1).png().toBuffer());
    expect((await stat(await asking())).isFile()).toBe(true);
    const gone = await shelf.add(await plain(3).png().toBuffer());
    await rm(gone.path);
    await expect(work.thumbnail(gone.contentHash, gone.path, 192)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('goes before everything that waits in the background', async () => {
    await using shelf = await openShelf();
    for (let number = 0; number < 12; number += 1)
      await shelf.add(await plain(number, 500, 500).png().toBuffer());
    const work = shelf.start({ lanes: 1 });
    work.lookForPictures();
    const oldest = shelf.pictures[0];
    if (!oldest) throw new Error('There is no picture.');
    await work.thumbnail(oldest.contentHash, oldest.path, 192);
    await work.close();
    expect(shelf.stored.has(oldest.contentHash)).toBe(true);
    expect(shelf.stored.size).toBeLessThan(4);
  });
});

describe('the background', () => {
  it('does every picture once, the newest first, in batches', async () => {
    await using shelf = await openShelf();
    for (let number = 0; number < 150; number += 1)
      await shelf.add(await plain(number).png().toBuffer());
    const work = shelf.start({ lanes: 1 });
    work.lookForPictures();
    await work.settled();
    const inOrder = shelf.pictures.toReversed().map(({ contentHash }) => contentHash);
    expect([...shelf.stored.keys()]).toEqual(inOrder);
    expect(shelf.batches).toEqual([64, 64, 22]);
    expect(shelf.lookUps[0]).toBeNull();
    // Another look finds nothing to do.
    work.lookForPictures();
    await work.settled();
    expect(shelf.batches).toEqual([64, 64, 22]);
    for (const size of thumbnailSizes)
      for (const hash of inOrder)
        expect((await stat(thumbnailPath(shelf.cacheFolder, size, hash))).size).toBeGreaterThan(0);
  });

  it('records what cannot be decoded and does not try it again', async () => {
    await using shelf = await openShelf();
    const sound = await shelf.add(await plain(1).png().toBuffer());
    const damaged = await shelf.add(Buffer.from('not a picture'), 'broken.png');
    const gone = await shelf.add(await plain(2).png().toBuffer(), 'gone.png');
    await rm(gone.path);
    const work = shelf.start();
    for (let pass = 0; pass < 3; pass += 1) {
      work.lookForPictures();
      await work.settled();
    }
    expect(shelf.stored.get(sound.contentHash)).toBeInstanceOf(Uint8Array);
    expect(shelf.stored.get(damaged.contentHash)).toBeNull();
    // What its content is cannot be said: the next run looks again.
    expect(shelf.stored.has(gone.contentHash)).toBe(false);
    expect(shelf.entries.toSorted()).toEqual([
      expect.stringMatching(/^warning: The picture "broken.png" cannot be decoded/),
      expect.stringMatching(/^warning: The picture "gone.png" cannot be read/),
    ]);
  });

  it('rests while it is paused and goes on afterwards', async () => {
    await using shelf = await openShelf();
    const picture = await shelf.add(await plain(1).png().toBuffer());
    const work = shelf.start();
    work.setPace('paused');
    work.lookForPictures();
    await work.settled();
    expect(shelf.stored.size).toBe(0);
    await work.thumbnail(picture.contentHash, picture.path, 192);
    await shelf.add(await plain(2).png().toBuffer());
    work.setPace('one-core');
    await work.settled();
    expect(shelf.stored.size).toBe(2);
  });

  it('closes in the midst of its work, keeps what is finished, and goes on at the next start', async () => {
    await using shelf = await openShelf();
    for (let number = 0; number < 30; number += 1)
      await shelf.add(await plain(number, 300, 300).png().toBuffer());
    const first = shelf.start({ lanes: 1 });
    first.lookForPictures();
    const newest = shelf.pictures.at(-1);
    if (!newest) throw new Error('There is no picture.');
    await first.thumbnail(newest.contentHash, newest.path, 192);
    await first.close();
    const kept = shelf.stored.size;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(30);
    await expect(first.thumbnail('ab'.repeat(32), newest.path, 192)).rejects.toMatchObject({
      code: 'cancelled',
    });
    const second = shelf.start();
    second.lookForPictures();
    await second.settled();
    expect(shelf.stored.size).toBe(30);
  });

  it('gives up a pass where nothing can be written, and says so once', async () => {
    await using shelf = await openShelf();
    for (let number = 0; number < 10; number += 1)
      await shelf.add(await plain(number).png().toBuffer());
    await writeFile(shelf.cacheFolder, 'a file where the folder should be');
    const work = shelf.start({ lanes: 1 });
    work.lookForPictures();
    await work.settled();
    expect(shelf.stored.size).toBe(0);
    expect(shelf.entries).toHaveLength(1);
  });

  it('survives a database that does not answer', async () => {
    await using shelf = await openShelf();
    await shelf.add(await plain(1).png().toBuffer());
    const work = shelf.start({
      store: {
        unanalysed: () => Promise.reject(new Error('The disk reported an error.')),
        storeAnalyses: () => Promise.reject(new Error('The disk reported an error.')),
      },
    });
    work.lookForPictures();
    await work.settled();
    const [picture] = shelf.pictures;
    if (!picture) throw new Error('There is no picture.');
    await work.thumbnail(picture.contentHash, picture.path, 192);
    await work.settled();
    expect(shelf.entries).toEqual([
      expect.stringContaining('could not be looked up'),
      expect.stringContaining('could not be stored'),
    ]);
  });
});
