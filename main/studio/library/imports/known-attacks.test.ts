/** What every reader of strange files meets, each by its name, on whole imports into a real library. */
import { mkdir, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ImportInto } from '../../../../contract/imports.ts';
import { checkedReport, idsOf, soundReport } from '../library.fixture.ts';
import { insertChunks, utf8Chunk } from '../metadata/png-chunks.ts';
import { xmpKeyword } from '../metadata/xmp.ts';
import { importAll, openImporting, picture, put, temporaryRoot } from './imports.fixture.ts';

const isPosix = process.platform !== 'win32';

function pngChunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length);
  return bytes;
}

/** Every file below a folder, `/` between names. */
async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
    );
}

describe.skipIf(!isPosix)('symbolic links that lead in circles', () => {
  it('end where they are met: below a folder, named themselves, and in the library', async () => {
    await using folders = await temporaryRoot();
    const { from, root } = folders;
    await put(path.join(from, 'deep', 'good.png'), await picture(1, 'png'));
    await symlink(from, path.join(from, 'deep', 'up'));
    await symlink('there.png', path.join(from, 'here.png'));
    await symlink('here.png', path.join(from, 'there.png'));
    const images = path.join(root, 'library/images');
    await mkdir(images, { recursive: true });
    await symlink(images, path.join(images, 'again'));
    await using opened = await openImporting(root);
    const { report } = await importAll(opened.imports, [from, path.join(from, 'here.png')]);
    const told = report.map((file) => [
      path.relative(from, file.path),
      file.outcome === 'skipped' ? file.reason : file.outcome,
    ]);
    const isLink = 'It is a link; links are not followed.';
    expect(told.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
      ['deep/good.png', 'imported'],
      ['deep/up', isLink],
      ['here.png', isLink],
      ['here.png', isLink],
      ['there.png', isLink],
    ]);
    await opened.library.close();
    await using again = await openImporting(root);
    expect(await idsOf(again.library)).toHaveLength(1);
    expect(await checkedReport(again.library)).toEqual(soundReport(1));
  }, 30_000);
});

describe('names of files', () => {
  it.each([
    ['../ and its kin', '../../../../../../tmp/evil.png', 'evil.png'],
    ['..\\ and its kin', '..\\..\\evil.png', 'evil.png'],
    ['an absolute path', '/etc/evil.png', 'evil.png'],
    ['NUL', 'a\0b.png', 'a_b.png'],
    ['NUL before another ending', 'picture.png\0.exe', 'picture.png_.exe.png'],
    ['nothing but dots', '..', 'picture.png'],
    ['300 characters', `${'x'.repeat(300)}.png`, `${'x'.repeat(180)}.png`],
    ['300 characters of four bytes', `${'🐈'.repeat(300)}.png`, `${'🐈'.repeat(45)}.png`],
  ])('with %s stay in the library', async (_, name, stored) => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const bytes = Uint8Array.from(await picture(2, 'png'));
    await opened.imports.addFile({ name, bytes, modifiedAt: null }, ImportInto.parse({}));
    const pictures = (await filesBelow(folders.root)).filter((file) => file.endsWith('.png'));
    expect(pictures).toHaveLength(1);
    expect(pictures[0]).toMatch(/^library\/images\/\d{4}\/\d\d\/[^/]+$/);
    expect(path.posix.basename(pictures[0] ?? '')).toBe(stored);
  });
});

it('a PNG that claims 100,000 × 100,000 pixels is not opened, nor where it lies in the library', async () => {
  const size = Buffer.alloc(13);
  size.writeUInt32BE(100_000, 0);
  size.writeUInt32BE(100_000, 4);
  size.set([8, 2, 0, 0, 0], 8);
  const claiming = Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', size),
    pngChunk('IDAT', deflateSync(Buffer.alloc(1000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
  await using folders = await temporaryRoot();
  await put(path.join(folders.from, 'claims.png'), claiming);
  await put(path.join(folders.root, 'library/images/claims.png'), claiming);
  await using opened = await openImporting(folders.root);
  const { library, imports } = opened;
  await library.backgroundSettled();
  const [id = ''] = await idsOf(library);
  const { problems } = await library.get(id);
  expect(problems[0]).toMatch(/claims to be 100,000 × 100,000 pixels/);
  await expect(library.resolveAsset('thumbnail', id)).rejects.toMatchObject({ code: 'too-large' });
  await library.change.trash({ ids: [id] });
  await library.emptyTrash();
  const { report } = await importAll(imports, [folders.from]);
  expect(report).toMatchObject([
    { outcome: 'skipped', reason: expect.stringMatching(/100,000 × 100,000/) as string },
  ]);
}, 30_000);

it('a zTXt chunk that unpacks to 256 MB is told and not unpacked, and the picture is taken', async () => {
  const bomb = Buffer.concat([
    Buffer.from('parameters\0\0', 'latin1'),
    deflateSync(Buffer.alloc(2 ** 28)),
  ]);
  await using folders = await temporaryRoot();
  const png = insertChunks(await picture(3, 'png'), [pngChunk('zTXt', bomb)]);
  await put(path.join(folders.from, 'bomb.png'), png);
  await using opened = await openImporting(folders.root);
  const before = process.memoryUsage.rss();
  const { job } = await importAll(opened.imports, [folders.from]);
  expect(job.progress.imported).toBe(1);
  expect(process.memoryUsage.rss() - before).toBeLessThan(128 * 2 ** 20);
  const [id = ''] = await idsOf(opened.library);
  expect((await opened.library.get(id)).problems).toEqual([
    'The text “parameters” is damaged or too long when unpacked; it was not read.',
  ]);
}, 60_000);

it('XML entities are expanded neither in a picture nor in a file beside it', async () => {
  const doublings = Array.from(
    { length: 30 },
    (_, index) => `<!ENTITY e${index + 1} "&e${index};&e${index};">`,
  ).join('');
  const packet = `<!DOCTYPE x [<!ENTITY e0 "lol"><!ENTITY file SYSTEM "file:///etc/passwd">${doublings}]>
    <x xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>&e30;&file;</dc:description></x>`;
  await using folders = await temporaryRoot();
  const png = insertChunks(await picture(4, 'png'), [utf8Chunk(xmpKeyword, packet)]);
  await put(path.join(folders.from, 'inside.png'), png);
  await put(path.join(folders.from, 'beside.png'), await picture(5, 'png'));
  await put(path.join(folders.from, 'beside.xmp'), packet);
  await using opened = await openImporting(folders.root);
  const { job } = await importAll(opened.imports, [folders.from]);
  expect(job.progress.imported).toBe(2);
  const details = await Promise.all(
    (await idsOf(opened.library)).map((id) => opened.library.get(id)),
  );
  const { note } = details.find(({ fileName }) => fileName === 'beside.png') ?? {};
  expect(note).toBe('&e30;&file;');
  const { problems } = details.find(({ fileName }) => fileName === 'inside.png') ?? {};
  expect(problems).toEqual(['The XMP packet declares entities; they were not expanded.']);
}, 30_000);
