import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { LibraryChange } from '../../../contract/images.ts';
import {
  addPicture,
  idsOf,
  noiseOf,
  rate,
  recipeOf,
  restore,
  temporaryLibrary,
  trash,
} from './library.fixture.ts';

describe('adding a picture', () => {
  it('writes a PNG file that any program can open, with its recipe inside and nothing else beside it', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const recipe = recipeOf();
    const added = await addPicture(library, recipe);
    const detail = await library.get(added.id);
    expect(detail).toMatchObject({
      ...added,
      recipe,
      missing: false,
      fileName: '20261124-031502-a-red-apple-3d-7.png',
    });
    expect(path.relative(temporary.folder, detail.path)).toBe(
      path.join('images', '2026', '11', detail.fileName),
    );
    expect(await readdir(path.dirname(detail.path))).toEqual([detail.fileName]);
    const bytes = await readFile(detail.path);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(added.contentHash);
    expect(bytes.length).toBe(detail.sizeBytes);
    expect(new Uint8Array(await sharp(bytes).raw().toBuffer())).toEqual(noiseOf(7));
    const { comments } = await sharp(bytes).metadata();
    expect(comments?.find(({ keyword }) => keyword === 'parameters')?.text).toBe(detail.parameters);
  });

  it('never overwrites a file: the same second, prompt and seed get a number', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const added = await Promise.all([1, 2, 3].map(() => addPicture(library, recipeOf())));
    const names = await Promise.all(added.map(async ({ id }) => (await library.get(id)).fileName));
    expect(names.toSorted()).toEqual([
      '20261124-031502-a-red-apple-3d-7-2.png',
      '20261124-031502-a-red-apple-3d-7-3.png',
      '20261124-031502-a-red-apple-3d-7.png',
    ]);
  });

  it('makes one picture of one job and index, also when asked twice at the same time', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const jobId = randomUUID();
    const twice = await Promise.all([
      addPicture(library, recipeOf({ jobId })),
      addPicture(library, recipeOf({ jobId })),
    ]);
    const third = await addPicture(library, recipeOf({ jobId, pictureIndex: 2 }));
    expect(new Set(twice.map(({ id }) => id)).size).toBe(1);
    expect(await library.finishedPictures(jobId)).toEqual([
      { index: 0, imageId: twice[0]?.id },
      { index: 2, imageId: third.id },
    ]);
    expect((await idsOf(library)).length).toBe(2);
  });

  it('gives every prompt a name that all platforms take', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const names = [];
    for (const prompt of [
      '',
      '猫と犬',
      '../../etc/passwd',
      'CON',
      'Ünïcödé: "quotes" <and> |pipes|?*',
      'x'.repeat(5000),
      'a 🐈\u202e b\n',
    ]) {
      const { id } = await addPicture(library, recipeOf({ prompt }));
      const { fileName, path: filePath } = await library.get(id);
      expect(fileName).toMatch(/^20261124-031502-[a-z0-9-]{1,42}-7(-\d+)?\.png$/);
      expect((await stat(filePath)).isFile()).toBe(true);
      names.push(fileName.slice(16));
    }
    expect(names).toEqual([
      'picture-7.png',
      'picture-7-2.png',
      'etc-passwd-7.png',
      'con-7.png',
      'unicode-quotes-and-pipes-7.png',
      `${'x'.repeat(40)}-7.png`,
      'a-b-7.png',
    ]);
  });

  it('keeps a recipe out of the file where that was asked, but not out of the library', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const recipe = recipeOf({ prompt: 'my secret castle' });
    const { id } = await addPicture(library, recipe, { embedRecipe: false });
    const detail = await library.get(id);
    expect(detail).toMatchObject({ recipe, parameters: null });
    expect((await readFile(detail.path)).includes('secret')).toBe(false);
    expect(await idsOf(library, { text: 'secret' })).toEqual([id]);
  });

  it('refuses pixels that do not fit the size', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const picture = {
      rgb: new Uint8Array(12),
      width: 64,
      height: 64,
      recipe: recipeOf(),
      embedRecipe: true,
    };
    await expect(library.addImage(picture)).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('finding pictures', () => {
  it('lists them newest first, with the size of each', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const ids: string[] = [];
    for (let i = 0; i < 25; i += 1) {
      // Three of each millisecond.
      const createdAt = 1_800_000_000_000 + Math.floor(i / 3);
      ids.unshift((await addPicture(library, recipeOf({ seed: i, createdAt }))).id);
    }
    expect(await idsOf(library)).toEqual(ids);
    expect(await idsOf(library, { order: 'oldest' })).toEqual(ids.toReversed());
    const first = await library.ask.index({ limit: 3 });
    expect(first.total).toBe(25);
    expect([...new Uint16Array(first.sizes.slice().buffer)]).toEqual(Array(6).fill(64));
    const again = await addPicture(library, recipeOf({ seed: 99, createdAt: 1_900_000_000_000 }));
    const later = await library.ask.index({});
    expect(later.version).toBeGreaterThan(first.version);
    expect(await idsOf(library)).toEqual([again.id, ...ids]);
  });

  it('searches prompts, names of models and files for all words, whatever their endings', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const castle = (await addPicture(library, recipeOf({ prompt: 'A Castle at night, café' }))).id;
    const apple = (
      await addPicture(library, recipeOf({ prompt: 'red apple', modelName: 'Dreamy' }))
    ).id;
    const cat = (await addPicture(library, recipeOf({ prompt: '可愛い猫の絵 🐈', createdAt: 5 })))
      .id;
    await rate(library, [apple], 3);
    const search = (text: string, query = {}) => idsOf(library, { text, ...query });
    expect(await search('castle')).toEqual([castle]);
    expect(await search('night CAST')).toEqual([castle]);
    expect(await search('"cast" night')).toEqual([]);
    expect(await search('cafe')).toEqual([castle]);
    expect(await search('castle apple')).toEqual([]);
    expect(await search('castle OR apple')).toEqual([apple, castle]);
    expect(await search('apple dreamy negative:blurry')).toEqual([apple]);
    expect(await search('negative:blurry')).toEqual([apple, castle, cat]);
    expect(await search('negative:blurry rating>=3')).toEqual([apple]);
    expect(await search('negative:blurry rating>=4')).toEqual([]);
    expect(await search('-castle')).toEqual([apple, cat]);
    expect(await search('猫')).toEqual([cat]);
    expect(await search('🐈 model:start')).toEqual([cat]);
    expect(await search('🐈', { trashed: true })).toEqual([]);
    expect(await search('live')).toEqual([]);
  });
});

describe('changes', () => {
  it('are told to every reader once, after they are durable', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const controller = new AbortController();
    const seen: LibraryChange[] = [];
    const reading = (async () => {
      for await (const change of library.subscribe(controller.signal)) seen.push(change);
    })();
    const recipe = recipeOf();
    const { id } = await addPicture(library, recipe);
    await addPicture(library, recipe);
    await rate(library, [id], 2);
    await trash(library, [id]);
    await trash(library, [id]);
    await restore(library, [id]);
    await trash(library, [id]);
    await library.emptyTrash();
    controller.abort();
    await reading;
    const changed = ['added', 'changed', 'trashed', 'restored', 'trashed'].map((kind) => ({
      kind,
      ids: [id],
    }));
    expect(seen).toEqual([...changed, { kind: 'reset', ids: [] }]);
  });
});

describe('assets', () => {
  it('are the file itself and a small WebP that is made once', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const { id, contentHash, url, thumbnailUrl } = await addPicture(library, recipeOf(), {
      side: 512,
    });
    expect([url, thumbnailUrl]).toEqual([`/asset/image/${id}`, `/asset/thumbnail/${id}`]);
    const image = await library.resolveAsset('image', id);
    expect(image).toEqual({
      path: (await library.get(id)).path,
      contentType: 'image/png',
      etag: contentHash,
    });
    const many = await Promise.all(
      Array.from({ length: 20 }, () => library.resolveAsset('thumbnail', id)),
    );
    expect(new Set(many.map((asset) => asset.path)).size).toBe(1);
    const thumbnail = many[0]?.path ?? '';
    expect(await sharp(await readFile(thumbnail)).metadata()).toMatchObject({
      format: 'webp',
      width: 384,
      height: 384,
    });
    expect(await readdir(path.dirname(thumbnail))).toEqual([path.basename(thumbnail)]);
    await rm(temporary.cacheFolder, { recursive: true });
    expect((await stat((await library.resolveAsset('thumbnail', id)).path)).isFile()).toBe(true);
  });

  it('are refused where the file is gone, is a link, or is no picture', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    // Or its thumbnail would be there before the file is spoilt.
    library.setBackgroundPace('paused');
    const { id } = await addPicture(library, recipeOf());
    const { path: filePath } = await library.get(id);
    await writeFile(filePath, 'not a picture');
    await expect(library.resolveAsset('thumbnail', id)).rejects.toMatchObject({
      code: 'unsupported',
    });
    await rm(filePath);
    await symlink('/etc/hostname', filePath);
    await expect(library.resolveAsset('image', id)).rejects.toMatchObject({ code: 'not-found' });
    await rm(filePath);
    await expect(library.resolveAsset('image', id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(library.resolveAsset('image', randomUUID())).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await library.get(id)).toMatchObject({ missing: true });
  });
});
