import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addPicture, recipeOf } from '../library/library.fixture.ts';
import { readFileMetadata } from '../library/metadata/file-metadata.ts';
import {
  exported,
  filesIn,
  optionsOf,
  portsOf,
  settled,
  signal,
  temporaryExports,
  type TemporaryExports,
} from './exports.fixture.ts';
import { openExports } from './exports-handlers.ts';

const prompt = '猫 on a roof, secret words';

async function withPictures(count: number, side = 64): Promise<TemporaryExports> {
  const temporary = await temporaryExports();
  for (let seed = 0; seed < count; seed += 1)
    await addPicture(
      temporary.library,
      recipeOf({ seed, prompt, pictureIndex: seed, createdAt: 1_800_000_000_000 + seed * 1000 }),
      { side },
    );
  return temporary;
}

describe('an export into a folder', () => {
  it('copies byte for byte where nothing changes, and names by the template', async () => {
    await using temporary = await withPictures(3);
    const exports = await temporary.open();
    const folder = path.join(temporary.root, 'out');
    const job = await exported(
      exports,
      optionsOf({ kind: 'folder', path: folder }, { name: '{date:yyyy}/{model}_{seed}_{n:04}' }),
    );
    expect(job).toMatchObject({ state: 'done', progress: { written: 3, failed: 0, total: 3 } });
    expect(await filesIn(folder)).toEqual([
      '2027/starter_0_0001.png',
      '2027/starter_1_0002.png',
      '2027/starter_2_0003.png',
    ]);
    const report = await exports.handlers['exports.report'](
      { id: job.id, outcome: 'all', offset: 0, limit: 10 },
      { signal },
    );
    expect(report.total).toBe(3);
    expect(report.files.every((file) => file.outcome === 'written' && file.copied)).toBe(true);
    expect(job.progress.bytes).toBe(
      (await filesIn(folder)).reduce(
        (sum, file) => sum + readFileSync(path.join(folder, file)).length,
        0,
      ),
    );
  });

  it.each(['png', 'jpeg', 'webp', 'avif', 'tiff'] as const)(
    'tells everything, the disclosure alone, or nothing, as %s',
    async (format) => {
      await using temporary = await withPictures(1);
      const exports = await temporary.open();
      for (const metadata of ['full', 'disclosure', 'clean'] as const) {
        const folder = path.join(temporary.root, metadata);
        const job = await exported(
          exports,
          optionsOf(
            { kind: 'folder', path: folder },
            { format, metadata, name: 'x', size: { mode: 'long-edge', pixels: 32 } },
          ),
        );
        expect(job.failures).toEqual([]);
        const [file = ''] = await filesIn(folder);
        const bytes = readFileSync(path.join(folder, file));
        const read = readFileMetadata(bytes);
        expect(await sharp(bytes).metadata()).toMatchObject({ width: 32, height: 32 });
        const told = ['猫', 'secret words', 'blurry', 'Starter', '0123456789'].filter((word) =>
          [
            Buffer.from(word),
            Buffer.from(word, 'utf16le'),
            Buffer.from(word, 'utf16le').swap16(),
          ].some((needle) => bytes.includes(needle)),
        );
        if (metadata === 'full') {
          expect(read?.recipe?.resolvedPrompt).toBe(prompt);
          expect(read?.parameters).toContain(prompt);
        } else expect(told).toEqual([]);
        expect(read?.digitalSourceType ?? null).toBe(
          metadata === 'clean'
            ? null
            : 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia',
        );
        if (metadata === 'clean') expect(read?.rawTexts).toEqual([]);
      }
    },
  );

  it('numbers, skips or replaces where a name is taken, as it was told', async () => {
    await using temporary = await withPictures(2);
    const exports = await temporary.open();
    const folder = path.join(temporary.root, 'out');
    mkdirSync(folder);
    const put = () => writeFileSync(path.join(folder, 'x.png'), 'mine');
    const run = (whenTaken: 'number' | 'skip' | 'replace') =>
      exported(exports, optionsOf({ kind: 'folder', path: folder }, { name: 'x', whenTaken }));
    put();
    await run('number');
    expect(await filesIn(folder)).toEqual(['x (2).png', 'x (3).png', 'x.png']);
    expect(readFileSync(path.join(folder, 'x.png'), 'utf8')).toBe('mine');
    const skipped = await run('skip');
    expect(skipped.progress).toMatchObject({ written: 1, skipped: 1 });
    expect(readFileSync(path.join(folder, 'x.png'), 'utf8')).toBe('mine');
    await run('replace');
    expect(readFileSync(path.join(folder, 'x.png'), 'latin1')).toContain('PNG');
  });

  it('writes captions and what is known beside pictures', async () => {
    await using temporary = await withPictures(1);
    const exports = await temporary.open();
    const folder = path.join(temporary.root, 'out');
    await exported(
      exports,
      optionsOf(
        { kind: 'folder', path: folder },
        { name: 'x', format: 'jpeg', sidecars: ['txt', 'json', 'xmp'] },
      ),
    );
    expect(await filesIn(folder)).toEqual(['x.jpg', 'x.json', 'x.txt', 'x.xmp']);
    expect(readFileSync(path.join(folder, 'x.txt'), 'utf8')).toBe(`${prompt}\n`);
    expect(JSON.parse(readFileSync(path.join(folder, 'x.json'), 'utf8'))).toMatchObject({
      fileName: 'x.jpg',
      prompt,
      recipe: { settings: { seed: 0 } },
    });
    expect(readFileSync(path.join(folder, 'x.xmp'), 'utf8')).toContain('DigitalSourceType');
  });

  it('tells of pictures that cannot be exported and goes on with the rest', async () => {
    await using temporary = await withPictures(3);
    const exports = await temporary.open();
    const { ids } = await temporary.library.ask.index({});
    expect(ids.length).toBe(48);
    const [victim] = (
      await exports.handlers['exports.preview'](
        {
          options: optionsOf({ kind: 'folder', path: path.join(temporary.root, 'out') }),
          sample: 1,
          estimate: false,
        },
        { signal },
      )
    ).names;
    const { path: file } = await temporary.library.get(victim?.id ?? '');
    writeFileSync(file, 'no picture');
    const job = await exported(
      exports,
      optionsOf({ kind: 'folder', path: path.join(temporary.root, 'out') }, { format: 'webp' }),
    );
    expect(job).toMatchObject({ state: 'done', progress: { written: 2, failed: 1 } });
    expect(job.failures[0]).toMatchObject({ id: victim?.id, error: { code: 'unsupported' } });
  });

  it('refuses the library for a target, a template with errors, and an empty search', async () => {
    await using temporary = await withPictures(1);
    const exports = await temporary.open();
    const start = (options: Parameters<typeof optionsOf>) =>
      exports.handlers['exports.start'](optionsOf(...options), { signal });
    const inside = path.join(temporary.root, 'library-none');
    const { path: file } = await temporary.library.get(
      (await temporary.library.ask.index({})) && (await firstId(temporary)),
    );
    await expect(start([{ kind: 'folder', path: path.dirname(file) }])).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(
      start([{ kind: 'folder', path: inside }, { name: '../{n}' }]),
    ).rejects.toMatchObject({ code: 'bad-request' });
    await expect(
      start([{ kind: 'folder', path: inside }, {}, { query: 'rating:5', order: 'newest' }]),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('pauses when its folder vanishes, and goes on when that is back', async () => {
    await using temporary = await withPictures(24, 256);
    const exports = await temporary.open();
    const folder = path.join(temporary.root, 'out');
    const { id } = await exports.handlers['exports.start'](
      optionsOf({ kind: 'folder', path: folder }, { format: 'webp', effort: 100, name: '{n}' }),
      { signal },
    );
    for await (const [job] of exports.handlers['exports.watch']({}, { signal }))
      if ((job?.progress.done ?? 0) > 0) break;
    renameSync(folder, `${folder}-away`);
    const paused = await settled(exports, id);
    expect(paused).toMatchObject({ state: 'paused', pausedBecause: { code: 'not-found' } });
    renameSync(`${folder}-away`, folder);
    await exports.handlers['exports.resume']({ id }, { signal });
    expect(await settled(exports, id)).toMatchObject({
      state: 'done',
      progress: { written: 24, failed: 0 },
    });
    expect(await filesIn(folder)).toHaveLength(24);
  });

  it('can be paused, goes on without making anything again, and can be cancelled', async () => {
    await using temporary = await withPictures(24, 256);
    const exports = await temporary.open();
    const folder = path.join(temporary.root, 'out');
    const { id } = await exports.handlers['exports.start'](
      optionsOf({ kind: 'folder', path: folder }, { format: 'webp', effort: 100, name: '{n}' }),
      { signal },
    );
    for await (const [job] of exports.handlers['exports.watch']({}, { signal }))
      if ((job?.progress.done ?? 0) > 0) break;
    const paused = await exports.handlers['exports.pause']({ id }, { signal });
    expect(paused.state).toBe('paused');
    const before = await filesIn(folder);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(24);
    await exports.handlers['exports.resume']({ id }, { signal });
    const cancelled = await exports.handlers['exports.cancel']({ id }, { signal });
    expect(['cancelled', 'done']).toContain(cancelled.state);
    await exports.handlers['exports.resume']({ id }, { signal });
    expect(await settled(exports, id)).toMatchObject({ state: 'done', progress: { written: 24 } });
    expect(await filesIn(folder)).toHaveLength(24);
  });
});

async function firstId(temporary: TemporaryExports): Promise<string> {
  const { ids } = await temporary.library.ask.index({});
  const hex = Buffer.from(ids.subarray(0, 16)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('mount', ['--version']).status === 0;

describe('a full disk', () => {
  it.skipIf(!canMount)(
    'is foretold, and met later it pauses the export and loses nothing',
    async () => {
      await using temporary = await withPictures(30, 256);
      const exports = await temporary.open();
      const disk = path.join(temporary.root, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
      try {
        const options = optionsOf({ kind: 'folder', path: disk }, { name: '{n}' });
        await expect(exports.handlers['exports.start'](options, { signal })).rejects.toMatchObject({
          code: 'disk-full',
        });
        const { ids } = await temporary.library.ask.index({
          query: { text: '', trashed: false, album: null, like: null, order: 'oldest' },
          limit: 19,
        });
        const list = Array.from({ length: 19 }, (_, index) =>
          Buffer.from(ids.subarray(index * 16, index * 16 + 16))
            .toString('hex')
            .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
        );
        const { id } = await exports.handlers['exports.start'](
          { ...options, source: { ids: list } },
          { signal },
        );
        writeFileSync(path.join(disk, 'other'), Buffer.alloc(2 ** 20));
        expect(await settled(exports, id)).toMatchObject({
          state: 'paused',
          pausedBecause: { code: 'disk-full' },
        });
        rmSync(path.join(disk, 'other'));
        await exports.handlers['exports.resume']({ id }, { signal });
        expect(await settled(exports, id)).toMatchObject({
          state: 'done',
          progress: { written: 19, failed: 0 },
        });
        expect(await filesIn(disk)).toHaveLength(19);
      } finally {
        execFileSync('umount', [disk]);
      }
    },
  );
});

it('exports are listed with the library whose pictures they are', async () => {
  await using temporary = await withPictures(1);
  const exports = await temporary.open();
  const target = { kind: 'folder', path: path.join(temporary.root, 'out') } as const;
  await exported(exports, optionsOf(target));
  const other = await openExports({
    dataFolder: path.join(temporary.root, 'data'),
    libraryFolder: path.join(temporary.root, 'other'),
    pictures: portsOf(temporary.library),
    version: '1.2.3',
    resumes: true,
    reveal: null,
    now: Date.now,
    log: () => {},
  });
  for (const [each, count] of [[exports, 1] as const, [other, 0] as const])
    for await (const jobs of each.handlers['exports.watch']({}, { signal })) {
      expect(jobs).toHaveLength(count);
      break;
    }
  await other.close();
});

describe('other targets', () => {
  it('a ZIP holds the files and appears whole, beside what is there', async () => {
    await using temporary = await withPictures(5);
    const exports = await temporary.open();
    const file = path.join(temporary.root, 'pictures.zip');
    writeFileSync(file, 'mine');
    const job = await exported(
      exports,
      optionsOf({ kind: 'zip', path: file }, { name: '猫/{n}', format: 'webp', sidecars: ['txt'] }),
    );
    expect(job.state).toBe('done');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const made = path.join(temporary.root, 'pictures (2).zip');
    const entries = unzipSync(readFileSync(made));
    expect(Object.keys(entries).toSorted()).toEqual(
      [1, 2, 3, 4, 5].flatMap((n) => [`猫/${n}.txt`, `猫/${n}.webp`]),
    );
    for (const [name, bytes] of Object.entries(entries))
      if (name.endsWith('.webp')) expect((await sharp(bytes).metadata()).width).toBe(64);
    const unzip = spawnSync('unzip', ['-t', made], { encoding: 'utf8' });
    if (unzip.error === undefined) expect(unzip.stdout).toContain('No errors detected');
  });

  it('a contact sheet is a PDF with as many pages as the pictures need', async () => {
    await using temporary = await withPictures(7);
    const exports = await temporary.open();
    const file = path.join(temporary.root, 'sheet.pdf');
    const job = await exported(exports, {
      ...optionsOf({ kind: 'contact-sheet', path: file }),
      settings: {
        ...optionsOf({ kind: 'contact-sheet', path: file }).settings,
        sheet: {
          page: 'a4',
          orientation: 'landscape',
          columns: 3,
          rows: 2,
          marginMm: 10,
          title: 'Roofs 猫',
          captions: 'prompt',
          background: '#202020',
        },
      },
    });
    expect(job.error).toBeNull();
    expect(job.state).toBe('done');
    const pdf = readFileSync(file, 'latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(2);
    expect(
      await filesIn(temporary.root).then((all) => all.filter((one) => one.includes('cells'))),
    ).toEqual([]);
  });

  it('a web gallery has pages without a script, and a text for every picture', async () => {
    await using temporary = await withPictures(3);
    const exports = await temporary.open();
    const folder = path.join(temporary.root, 'gallery');
    const options = optionsOf(
      { kind: 'web-gallery', path: folder },
      { name: '{n:04}', format: 'jpeg', metadata: 'clean' },
    );
    const job = await exported(exports, options);
    expect(job.error).toBeNull();
    expect(await filesIn(folder)).toEqual([
      'gallery.css',
      'index.html',
      ...[1, 2, 3].map((n) => `pictures/000${n}.jpg`),
      ...[1, 2, 3].map((n) => `thumbnails/000${n}.webp`),
    ]);
    const page = readFileSync(path.join(folder, 'index.html'), 'utf8');
    expect(page.match(/<img [^>]*alt="Picture \d"/g)).toHaveLength(3);
    expect(page).not.toContain('secret');
    expect(page).not.toMatch(/<script|https?:/);
    await expect(exports.handlers['exports.start'](options, { signal })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
});

describe('a preview', () => {
  it('tells names, collisions, bytes and room', async () => {
    await using temporary = await withPictures(4);
    const exports = await temporary.open();
    const folder = path.join(temporary.root, 'out');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'starter.webp'), '');
    const preview = await exports.handlers['exports.preview'](
      {
        options: optionsOf(
          { kind: 'folder', path: folder },
          { name: '{model}', format: 'webp', size: { mode: 'scale', percent: 50 } },
        ),
        sample: 2,
        estimate: true,
      },
      { signal },
    );
    expect(preview).toMatchObject({
      total: 4,
      collisions: 3,
      examined: 4,
      problems: [],
      names: [
        { name: 'starter (2).webp', collides: false, taken: true, width: 32, height: 32 },
        { name: 'starter (3).webp', collides: true, taken: true },
      ],
    });
    expect(preview.estimatedBytes).toBeGreaterThan(1000);
    expect(preview.freeBytes).toBeGreaterThan(0);
    expect(await filesIn(folder)).toHaveLength(1);
  });
});

describe('presets', () => {
  it('of a person survive a restart; those of the program stay as they are', async () => {
    await using temporary = await withPictures(0);
    const { handlers } = await temporary.open();
    const settings = optionsOf({ kind: 'folder', path: '/x' }, { quality: 33 }).settings;
    await handlers['exports.presets.save']({ name: 'Mine', kind: 'zip', settings }, { signal });
    const again = await temporary.open();
    const list = await again.handlers['exports.presets.list']({}, { signal });
    expect(list.at(-1)).toMatchObject({ name: 'Mine', kind: 'zip', settings: { quality: 33 } });
    await expect(
      handlers['exports.presets.save']({ name: 'web', kind: 'folder', settings }, { signal }),
    ).rejects.toMatchObject({ code: 'conflict' });
    const left = await again.handlers['exports.presets.remove']({ name: 'mine' }, { signal });
    expect(left.every(({ builtIn }) => builtIn)).toBe(true);
  });
});
