/** Importing pictures, against a bare loop over the same files. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { median, type Scenario } from '../figure.ts';

const pictures = 200;
const rounds = 5;

type BuiltLibrary = typeof import('../../main/studio/library/library.ts');
type BuiltImports = typeof import('../../main/studio/library/imports/imports.ts');

/** The built ones: their threads are the files that people run. */
const built = (file: string) =>
  new URL(`../../dist/main/studio/library/${file}`, import.meta.url).href;

export const importing: Scenario = {
  name: 'import',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-import-'));
    try {
      const from = path.join(folder, 'from');
      await writePictures(from);
      const bare: number[] = [];
      const imported: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const root = path.join(folder, `round-${round}`);
        bare.push(await timeOf(() => copyAll(from, path.join(root, 'bare'))));
        imported.push(await importInto(root, from));
        rmSync(root, { recursive: true, force: true });
      }
      const ratios = imported.map((ms, round) => ms / (bare[round] ?? Number.NaN));
      const note = `${pictures} PNG files of 400 kB, ${rounds} times in turn`;
      return [
        {
          name: 'import ÷ read, hash, decode, write and sync one by one, median',
          value: median(ratios),
          unit: 'ratio',
          limit: 1.5,
          samples: ratios,
          note,
        },
        {
          name: 'import, median',
          value: median(imported),
          unit: 'ms',
          limit: null,
          samples: imported,
          note,
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function writePictures(folder: string): Promise<void> {
  mkdirSync(folder);
  const side = 366;
  for (let at = 0; at < pictures; at += 1) {
    let state = (at * 2_654_435_761 + 1) >>> 0;
    const pixels = Uint8Array.from({ length: side * side * 3 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
    const png = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    writeFileSync(path.join(folder, `${at}.png`), png);
  }
}

/**
 * As little as keeps a picture for good under what it is known by, and sees its pixels: generators hide
 * texts in them.
 */
async function copyAll(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const bytes = await readFile(path.join(from, name));
    const hash = createHash('sha256').update(bytes).digest('hex');
    await sharp(bytes).raw().toBuffer();
    await using file = await open(path.join(to, `${hash}.png`), 'w');
    await file.writeFile(bytes);
    await file.sync();
  }
}

/** From the start of the job to its end; thumbnails are made afterwards. @returns milliseconds */
async function importInto(root: string, from: string): Promise<number> {
  const { openLibrary } = (await import(built('library.js'))) as BuiltLibrary;
  const { openImports } = (await import(built('imports/imports.js'))) as BuiltImports;
  const libraryFolder = path.join(root, 'library');
  mkdirSync(libraryFolder, { recursive: true });
  const library = await openLibrary({
    folder: libraryFolder,
    cacheFolder: path.join(root, 'cache'),
    log: () => {},
  });
  try {
    await library.healed;
    library.setBackgroundPace('paused');
    const imports = await openImports({
      dataFolder: path.join(root, 'data'),
      libraryFolder,
      library,
      resumes: false,
      now: Date.now,
      wait: () => Promise.resolve(),
      log: () => {},
    });
    const into = { albumId: null, tags: [] };
    // The thread starts once for all imports of a studio.
    await imports.start([path.join(from, '0.png')], into);
    await imports.settled();
    const ms = await timeOf(async () => {
      await imports.start([from], into);
      await imports.settled();
    });
    await imports.close();
    const { total } = await library.ask.index({ limit: 1 });
    if (total !== pictures) throw new Error(`${total} pictures were imported.`);
    return ms;
  } finally {
    await library.close();
  }
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
