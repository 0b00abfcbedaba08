import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ImportInto } from '../../../../contract/imports.ts';
import { checkedReport, idsOf, soundReport } from '../library.fixture.ts';
import { findFiles } from './find-files.ts';
import { importAll, jobOf, openImporting, picture, put, temporaryRoot } from './imports.fixture.ts';
import { safeFileName } from './safe-name.ts';

const isPosix = process.platform !== 'win32';

/** A valid PNG that claims to be 100,000 × 100,000 pixels large. */
async function claimingPng(): Promise<Uint8Array> {
  const { crc32 } = await import('node:zlib');
  const chunk = (type: string, content: Uint8Array) => {
    const head = Buffer.from(type, 'latin1');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(Buffer.concat([head, content])));
    return Buffer.concat([length, head, content, sum]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(100_000, 0);
  size.writeUInt32BE(100_000, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

it('skips what is no whole picture with a reason each, and takes the rest', async () => {
  await using folders = await temporaryRoot();
  const { from } = folders;
  const png = await picture(1, 'png');
  const file = (name: string) => path.join(from, name);
  await put(file('good.png'), png);
  await put(file('empty.png'), '');
  await put(file('text.png'), 'no picture at all');
  await put(file('notes.txt'), 'not a picture and not told');
  await put(file('claims.png'), await claimingPng());
  for (const format of ['png', 'jpeg', 'webp', 'avif', 'gif', 'tiff'] as const) {
    const whole = await picture(2, format);
    await put(file(`cut.${format}`), whole.subarray(0, Math.floor(whole.length * 0.7)));
  }
  {
    await using large = await open(file('large.png'), 'w');
    await large.truncate(60_000_001);
  }
  const reasons: Record<string, RegExp> = {
    'empty.png': /empty/,
    'text.png': /no picture/,
    'claims.png': /100,000 × 100,000/,
    'large.png': /60 MB/,
    'cut.png': /breaks off|damaged/,
    'cut.jpeg': /breaks off|damaged/,
    'cut.webp': /breaks off|damaged/,
    'cut.avif': /breaks off|damaged/,
    'cut.gif': /breaks off|damaged/,
    'cut.tiff': /breaks off|damaged/,
  };
  if (isPosix) {
    execFileSync('mkfifo', [file('pipe.png')]);
    symlinkSync(file('good.png'), file('link.png'));
    symlinkSync(from, file('loop'));
    Object.assign(reasons, {
      'pipe.png': /no ordinary file/,
      'link.png': /link/,
      loop: /link/,
    });
  }
  if (process.platform === 'linux') {
    writeFileSync(
      Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0x66, 0xff, 0x2e]), Buffer.from('png')]),
      png,
    );
    reasons['f\uFFFD.png'] = /UTF-8/;
    symlinkSync('/dev/zero', file('zero.png'));
    reasons['zero.png'] = /link/;
  }
  if (isPosix && process.getuid?.() !== 0) {
    await put(file('secret.png'), png);
    chmodSync(file('secret.png'), 0);
    mkdirSync(file('closed'));
    chmodSync(file('closed'), 0);
    Object.assign(reasons, { 'secret.png': /may not read/, closed: /may not read/ });
  }
  await using opened = await openImporting(folders.root);
  const { job, report } = await importAll(opened.imports, [from]);
  const skipped = report.flatMap((each) => (each.outcome === 'skipped' ? [each] : []));
  const told = Object.fromEntries(skipped.map((each) => [path.basename(each.path), each.reason]));
  expect(Object.keys(told).toSorted()).toEqual(Object.keys(reasons).toSorted());
  for (const [name, reason] of Object.entries(reasons)) expect(told[name]).toMatch(reason);
  expect(job).toMatchObject({ state: 'done', progress: { imported: 1, duplicates: 0 } });
  expect(await checkedReport(opened.library)).toEqual(soundReport(1));
}, 60_000);

it('skips devices, pipes and paths that are not there when they are named themselves', async () => {
  await using folders = await temporaryRoot();
  await using opened = await openImporting(folders.root);
  const named = isPosix
    ? ['/dev/zero', '/dev/null', path.join(folders.from, 'gone.png'), `/${'x'.repeat(300)}.png`]
    : [path.join(folders.from, 'gone.png')];
  const { job, report } = await importAll(opened.imports, named);
  expect(report.map(({ outcome }) => outcome)).toEqual(named.map(() => 'skipped'));
  expect(job.state).toBe('done');
}, 30_000);

it('goes on past folders and files that vanish while they are looked through', async () => {
  await using folders = await temporaryRoot();
  const { from, root } = folders;
  await put(path.join(root, 'library/images/x'), '');
  for (const name of ['a/1.png', 'b/2.png', 'c/3.png'])
    await put(path.join(from, name), await picture(3, 'png'));
  const found: string[] = [];
  const options = { libraryFolder: path.join(root, 'library'), subfolders: true };
  for await (const each of findFiles([from], options)) {
    if ('file' in each) {
      found.push(path.basename(each.file));
      await rm(path.join(from, 'b'), { recursive: true, force: true });
    } else found.push(`${path.basename(each.skip.path)}: ${each.skip.reason}`);
  }
  expect(found).toEqual([
    '1.png',
    'b: It is not there, or was moved or deleted meanwhile.',
    '3.png',
  ]);
});

it('passes over the library when a folder around it is imported', async () => {
  await using folders = await temporaryRoot();
  await put(path.join(folders.root, 'library/images/mine.png'), await picture(4, 'png'));
  await put(path.join(folders.root, 'outside.png'), await picture(5, 'png'));
  await using opened = await openImporting(folders.root);
  const { report } = await importAll(opened.imports, [folders.root]);
  expect(report.map((file) => `${path.basename(file.path)} ${file.outcome}`).toSorted()).toEqual([
    'library skipped',
    'outside.png imported',
  ]);
}, 30_000);

it('makes names safe: folders, NUL, reserved words, 300 characters, endings that do not fit', () => {
  expect(safeFileName('../../a\0b.png', 'png')).toBe('a_b.png');
  expect(safeFileName('..\\..\\c.PNG', 'png')).toBe('c.PNG');
  expect(safeFileName('.hidden.jpeg', 'jpeg')).toBe('hidden.jpeg');
  expect(safeFileName('con.png', 'png')).toBe('_con.png');
  expect(safeFileName('photo.png', 'jpeg')).toBe('photo.jpg');
  expect(safeFileName('v1.5', 'webp')).toBe('v1.5.webp');
  expect(safeFileName('...', 'gif')).toBe('picture.gif');
  const long = safeFileName(`${'ü'.repeat(300)}.tiff`, 'tiff');
  expect(long.endsWith('ü.tiff')).toBe(true);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(200);
});

it('goes on after a restart with what is left, and brings nothing twice', async () => {
  await using folders = await temporaryRoot();
  const count = 60;
  for (let at = 0; at < count; at += 1)
    await put(path.join(folders.from, `${at}.png`), await picture(1000 + at, 'png'));
  const into = ImportInto.parse({ tags: ['kept'] });
  let id = '';
  {
    await using opened = await openImporting(folders.root);
    ({ id } = await opened.imports.start([folders.from], into));
    for await (const jobs of opened.imports.watch(AbortSignal.timeout(20_000)))
      if ((jobs[0]?.progress.imported ?? 0) > 0) break;
  }
  await using opened = await openImporting(folders.root);
  await opened.imports.settled();
  const job = await jobOf(opened.imports, id);
  expect(job.state).toBe('done');
  expect(job.progress.imported + job.progress.duplicates).toBe(count);
  expect(await idsOf(opened.library)).toHaveLength(count);
  expect(await idsOf(opened.library, { text: 'tag:kept' })).toHaveLength(count);
}, 60_000);

it('keeps what was imported when it is cancelled', async () => {
  await using folders = await temporaryRoot();
  for (let at = 0; at < 80; at += 1)
    await put(path.join(folders.from, `${at}.png`), await picture(2000 + at, 'png'));
  await using opened = await openImporting(folders.root);
  const { id } = await opened.imports.start([folders.from], ImportInto.parse({}));
  for await (const jobs of opened.imports.watch(AbortSignal.timeout(20_000)))
    if ((jobs[0]?.progress.imported ?? 0) > 0) break;
  const job = await opened.imports.cancel(id);
  expect(job.state).toBe('cancelled');
  expect(await idsOf(opened.library)).toHaveLength(job.progress.imported);
  await opened.imports.remove(id);
  await expect(opened.imports.cancel(id)).rejects.toMatchObject({ code: 'not-found' });
}, 60_000);

it('moves a missing picture back to its row when it is imported again', async () => {
  await using folders = await temporaryRoot();
  const file = await put(path.join(folders.from, 'lost.png'), await picture(6, 'png'));
  await using opened = await openImporting(folders.root);
  await importAll(opened.imports, [file]);
  const [id = ''] = await idsOf(opened.library);
  await rename((await opened.library.get(id)).path, path.join(folders.root, 'elsewhere.png'));
  const { report } = await importAll(opened.imports, [file]);
  expect(report).toMatchObject([{ outcome: 'imported', imageId: id }]);
  expect(await opened.library.get(id)).toMatchObject({ missing: false });
}, 30_000);
