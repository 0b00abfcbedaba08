import { readFile, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ImportInto } from '../../../../contract/imports.ts';
import { pictureFormats } from '../../../../contract/picture-facts.ts';
import { checkedReport, idsOf, rate, soundReport, trash } from '../library.fixture.ts';
import { xmpOf } from '../metadata/xmp.ts';
import { importAll, openImporting, picture, put, temporaryRoot } from './imports.fixture.ts';

const golden = path.join(import.meta.dirname, '../metadata/golden');
const march = new Date(2025, 2, 14, 12);

describe('importing', () => {
  it('copies files of every format byte for byte under their own names, by their dates', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const { imports, library } = opened;
    for (const [index, format] of pictureFormats.entries()) {
      const file = await put(
        path.join(folders.from, `deep/er/apple ${format}.${format}`),
        await picture(100 + index, format),
      );
      await utimes(file, march, march);
    }
    const { job, report } = await importAll(imports, [folders.from]);
    expect(job).toMatchObject({
      state: 'done',
      progress: { found: 6, done: 6, imported: 6, duplicates: 0, skipped: 0 },
    });
    expect(report).toHaveLength(6);
    for (const file of report) {
      if (file.outcome !== 'imported') throw new Error(JSON.stringify(file));
      const detail = await library.get(file.imageId);
      expect(path.relative(folders.root, detail.path)).toBe(
        path.join('library/images/2025/03', path.basename(file.path)),
      );
      expect(await readFile(detail.path)).toEqual(await readFile(file.path));
      expect(detail).toMatchObject({
        source: 'imported',
        importedFrom: file.path,
        createdAt: march.getTime(),
        width: 24,
        height: 16,
      });
      expect((await stat(detail.path)).mtimeMs).toBe(march.getTime());
    }
    expect(await checkedReport(library)).toEqual(soundReport(6));
  });

  it('reads what other programs wrote, and what is hidden in pixels', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const { report } = await importAll(opened.imports, [
      path.join(golden, 'comfyui.png'),
      path.join(golden, 'web-ui-unicode.jpg'),
      path.join(golden, 'stealth-pnginfo.png'),
    ]);
    const details = await Promise.all(
      report.map((file) => opened.library.get('imageId' in file ? file.imageId : '')),
    );
    expect(details.map(({ program }) => String(program)).toSorted()).toEqual([
      'comfyui',
      'web-ui',
      'web-ui',
    ]);
    for (const { prompt, rawTexts } of details) {
      expect(prompt).not.toBe('');
      expect(rawTexts.length).toBeGreaterThan(0);
    }
  });

  it('still knows what is hidden in pixels when the database is made anew', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const { imports, library } = opened;
    const names = ['stealth-pnginfo.png', 'stealth-rgbcomp.png', 'novelai-4.png'];
    const { report } = await importAll(
      imports,
      names.map((name) => path.join(golden, name)),
    );
    await library.backgroundSettled();
    const look = () =>
      Promise.all(report.map((file) => library.get('imageId' in file ? file.imageId : '')));
    const before = await look();
    expect(before.every(({ understood }) => understood !== null)).toBe(true);
    for await (const _step of library.rebuild(AbortSignal.timeout(20_000)));
    await library.backgroundSettled();
    expect(await look()).toEqual(before);
  });

  it('does not copy what the library has, in the trash too, and merges tags and albums', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const { imports, library } = opened;
    const bytes = await picture(7, 'png');
    const first = await put(path.join(folders.from, 'a.png'), bytes);
    const second = await put(path.join(folders.from, 'b.png'), bytes);
    await put(path.join(folders.from, 'b.txt'), 'a caption');
    const before = await importAll(imports, [first]);
    const [id = ''] = await idsOf(library);
    const { id: albumId } = await library.change.createAlbum({
      name: 'Apples',
      kind: 'album',
      query: null,
      ids: [],
    });
    const into = { albumId, tags: ['fruit'] };
    const again = await importAll(imports, [first, second], into);
    expect(before.job.progress.imported).toBe(1);
    expect(again.report).toEqual([
      { outcome: 'duplicate', path: first, imageId: id, isTrashed: false },
      { outcome: 'duplicate', path: second, imageId: id, isTrashed: false },
    ]);
    expect(await library.get(id)).toMatchObject({
      tags: ['fruit'],
      note: 'a caption',
      albums: [{ id: albumId }],
    });
    await trash(library, [id]);
    const trashed = await importAll(imports, [first]);
    expect(trashed.report).toEqual([
      { outcome: 'duplicate', path: first, imageId: id, isTrashed: true },
    ]);
    expect(await idsOf(library)).toEqual([]);
  });

  it('imports two files of one content at once as one picture', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const bytes = await picture(8, 'webp');
    for (let copy = 0; copy < 12; copy += 1)
      await put(path.join(folders.from, `copy ${copy}.webp`), bytes);
    const { job } = await importAll(opened.imports, [folders.from]);
    expect(job.progress).toMatchObject({ imported: 1, duplicates: 11, skipped: 0 });
    expect(await idsOf(opened.library)).toHaveLength(1);
  });

  it('takes marks from the file and from beside it, and never over those that people set', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const { imports, library } = opened;
    const packet = (rating: number, keywords: string[]) =>
      xmpOf({ creatorTool: 'x', createdAt: 0, digitalSourceType: null, rating, keywords });
    const own = await sharp(await picture(9, 'jpeg'))
      .withXmp(packet(3, ['inside']))
      .jpeg()
      .toBuffer();
    const file = await put(path.join(folders.from, 'marked.jpg'), own);
    const sidecar = { version: 1, flag: 'pick', label: 'green', tags: ['beside'], note: 'Told.' };
    await put(path.join(folders.from, 'marked.json'), JSON.stringify(sidecar));
    await put(path.join(folders.from, 'marked.xmp'), packet(5, ['xmp']));
    await importAll(imports, [file]);
    const [id = ''] = await idsOf(library);
    const { rating, flag, label, tags, note } = await library.get(id);
    expect({ rating, flag, label, note }).toEqual({
      rating: 5,
      flag: 'pick',
      label: 'green',
      note: 'Told.',
    });
    expect(tags.toSorted()).toEqual(['beside', 'inside', 'xmp']);
    await rate(library, [id], 0);
    await importAll(imports, [file]);
    expect(await library.get(id)).toMatchObject({ rating: 0, flag: 'pick' });
  });

  it('takes a dropped file by its bytes, whatever it is called', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const bytes = Uint8Array.from(await picture(10, 'png'));
    const into = ImportInto.parse({ tags: ['dropped'] });
    const name = '../../evil:\0 name.jpg';
    const added = await opened.imports.addFile({ name, bytes, modifiedAt: march.getTime() }, into);
    expect(added).toMatchObject({ outcome: 'imported', image: { format: 'png', tagCount: 1 } });
    const { path: stored } = await opened.library.get(added.image.id);
    expect(path.relative(folders.root, stored)).toBe('library/images/2025/03/evil_ name.png');
    expect(await opened.imports.addFile({ name, bytes, modifiedAt: null }, into)).toMatchObject({
      outcome: 'duplicate',
    });
    const noPicture = { name: 'x.png', bytes: new Uint8Array(40), modifiedAt: null };
    await expect(opened.imports.addFile(noPicture, into)).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('refuses paths in the library and paths that are not whole, in words', async () => {
    await using folders = await temporaryRoot();
    await using opened = await openImporting(folders.root);
    const into = ImportInto.parse({});
    for (const wanted of [path.join(folders.root, 'library/images'), 'pictures', '/a\0b'])
      await expect(opened.imports.start([wanted], into)).rejects.toMatchObject({
        code: 'bad-request',
      });
  });
});
