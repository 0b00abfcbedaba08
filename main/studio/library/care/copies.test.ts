import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import {
  addPicture,
  checkedReport,
  copyReport,
  idsOf,
  rate,
  recipeOf,
  soundReport,
  temporaryLibrary,
  trash,
  type TemporaryLibrary,
} from '../library.fixture.ts';
import type { Library } from '../library.ts';

const atOnce = (index: number) => recipeOf({ seed: index, createdAt: 1_800_000_000_000 + index });

async function filled(library: Library, seeds: readonly number[]): Promise<string[]> {
  const ids = [];
  for (const seed of seeds)
    ids.push((await addPicture(library, atOnce(seed), { embedRecipe: seed % 2 === 0 })).id);
  return ids;
}

/** All that a person sees of a library, but where it lies. */
async function seenOf(library: Library, folder: string) {
  await library.backgroundSettled();
  const ids = [...(await idsOf(library)), ...(await idsOf(library, { trashed: true }))];
  const details = await Promise.all(ids.map((id) => library.get(id)));
  const { albums } = await library.ask.albums({});
  return {
    pictures: details.map((detail) => ({
      ...detail,
      path: path.relative(folder, detail.path),
      recipe: { ...detail.recipe, jobId: null },
    })),
    albums,
  };
}

const backupOf = (temporary: TemporaryLibrary) => path.join(temporary.folder, '..', 'backup');

/** Below a folder, with `/`. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

async function contentsBelow(folder: string): Promise<Record<string, string>> {
  const files = await filesBelow(folder);
  const bytes = files.map((file) => readFile(path.join(folder, file), 'base64'));
  const contents = await Promise.all(bytes);
  return Object.fromEntries(files.map((file, index) => [file, contents[index] ?? '']));
}

describe('a backup', { timeout: 120_000 }, () => {
  it('brings back everything that was deleted', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [a = '', b = '', c = ''] = await filled(library, [0, 1, 2]);
    await library.change.mark({
      ids: [a, b],
      change: { rating: 5, note: 'the best', addTags: ['castle'], label: 'red' },
    });
    await library.change.createAlbum({ name: 'Best', ids: [b, a] });
    // What is in the trash is not looked at.
    await library.backgroundSettled();
    await trash(library, [c]);
    const project = 'notes-0b54b6d2-9c5e-4a57-8f6b-0a3c1f0d9e11';
    const scene = path.join(temporary.folder, 'documents', project, 'scene.txt');
    await mkdir(path.dirname(scene), { recursive: true });
    await writeFile(scene, 'Once upon a time');
    await writeFile(path.join(temporary.folder, 'styles.json'), '[]');
    await mkdir(path.join(temporary.folder, 'models', 'big'), { recursive: true });
    await writeFile(path.join(temporary.folder, 'models', 'big', 'model.onnx'), 'large');
    const before = await seenOf(library, temporary.folder);
    const backup = backupOf(temporary);
    expect(await copyReport(library, 'backup', backup)).toMatchObject({
      pictures: 3,
      alreadyThere: 0,
      problems: [],
    });
    const { backup: info } = await library.care['library.backupInfo'](
      { folder: backup },
      { signal: AbortSignal.timeout(20_000) },
    );
    expect(info).toMatchObject({ pictures: 3, library: temporary.folder, isInterrupted: false });
    await library.close();
    await rm(temporary.folder, { recursive: true });

    const again = await temporary.open();
    expect(await copyReport(again, 'restore', backup)).toMatchObject({
      pictures: 3,
      marks: 2,
      albums: 1,
      problems: [expect.stringContaining('2 other files')],
    });
    expect(await seenOf(again, temporary.folder)).toEqual(before);
    expect(await readFile(scene, 'utf8')).toBe('Once upon a time');
    expect(await readdir(path.join(temporary.folder, 'models'))).toEqual([]);
    expect(await checkedReport(again)).toEqual(soundReport(2, 1));
    // Once more there is nothing to do.
    expect(await copyReport(again, 'restore', backup)).toEqual({
      pictures: 0,
      bytes: 0,
      alreadyThere: 3,
      marks: 0,
      albums: 0,
      problems: [],
    });
  });

  it('copies what is new, keeps what older lists need, and deletes what none needs', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first = ''] = await filled(library, [0, 1]);
    const backup = backupOf(temporary);
    await copyReport(library, 'backup', backup);
    await trash(library, [first]);
    await library.emptyTrash();
    await filled(library, [2]);
    expect(await copyReport(library, 'backup', backup)).toMatchObject({
      pictures: 1,
      alreadyThere: 1,
    });
    const pictures = async () =>
      (await filesBelow(path.join(backup, 'objects'))).filter((file) => file.endsWith('.png'));
    expect(await pictures()).toHaveLength(3);
    for (let round = 0; round < 10; round += 1) await copyReport(library, 'backup', backup);
    expect((await readdir(path.join(backup, 'backups'))).toSorted()).toHaveLength(10);
    expect(await pictures()).toHaveLength(2);
  });

  it('that is cut off leaves the one before it whole, and says so', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await filled(library, [0]);
    const backup = backupOf(temporary);
    await copyReport(library, 'backup', backup);
    await filled(library, [1, 2]);
    const cancelling = new AbortController();
    const cutOff = async () => {
      const events = library.care['library.backup'](
        { folder: backup },
        { signal: cancelling.signal },
      );
      for await (const event of events)
        if (event.kind === 'progress' && event.phase === 'pictures') cancelling.abort();
    };
    await expect(cutOff()).rejects.toMatchObject({ code: 'cancelled' });
    const signal = AbortSignal.timeout(20_000);
    expect(
      (await library.care['library.backupInfo']({ folder: backup }, { signal })).backup,
    ).toMatchObject({ pictures: 1, isInterrupted: true });
    expect(await copyReport(library, 'backup', backup)).toMatchObject({ problems: [] });
    expect(
      (await library.care['library.backupInfo']({ folder: backup }, { signal })).backup,
    ).toMatchObject({ pictures: 3, isInterrupted: false });
  });

  it('goes into no folder that holds something else, and none in the library', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const foreign = path.join(temporary.folder, '..', 'foreign');
    await mkdir(foreign);
    await writeFile(path.join(foreign, 'letter.txt'), 'mine');
    for (const folder of [foreign, path.join(temporary.folder, 'backup'), temporary.folder])
      await expect(copyReport(library, 'backup', folder)).rejects.toMatchObject({
        code: 'bad-request',
      });
    expect(await readdir(foreign)).toEqual(['letter.txt']);
    await expect(copyReport(library, 'restore', foreign)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('tells of contents that are damaged, and brings back the others', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first = ''] = await filled(library, [0, 1]);
    const { contentHash } = await library.get(first);
    const backup = backupOf(temporary);
    await copyReport(library, 'backup', backup);
    await writeFile(
      path.join(backup, 'objects', contentHash.slice(0, 2), `${contentHash}.png`),
      'damaged',
    );
    await library.close();
    await rm(temporary.folder, { recursive: true });
    const again = await temporary.open();
    expect(await copyReport(again, 'restore', backup)).toMatchObject({
      pictures: 1,
      problems: [expect.stringContaining('was left out')],
    });
    expect(await checkedReport(again)).toEqual(soundReport(1));
  });
});

describe('two libraries', { timeout: 120_000 }, () => {
  it('become one with the same marks, whichever is taken over', async () => {
    await using one = await temporaryLibrary();
    await using other = await temporaryLibrary();
    const a = await one.open();
    const b = await other.open();
    const shared = atOnce(0);
    const ours = (await addPicture(a, shared)).id;
    expect((await addPicture(b, shared)).id).toBe(ours);
    const [onlyA = ''] = await filled(a, [1]);
    const [onlyB = '', trashedB = ''] = await filled(b, [2, 3]);
    await a.change.mark({ ids: [ours, onlyA], change: { rating: 2, addTags: ['red'] } });
    await a.change.mark({ ids: [ours], change: { note: 'of one' } });
    await b.change.mark({ ids: [ours, onlyB], change: { rating: 4, flag: 'pick' } });
    await a.change.createAlbum({ name: 'Best', ids: [ours] });
    await b.change.createAlbum({ name: 'best', ids: [onlyB, ours] });
    await trash(b, [trashedB]);
    await b.close();
    expect(await copyReport(a, 'merge', other.folder)).toMatchObject({
      pictures: 2,
      alreadyThere: 1,
      marks: 2,
      albums: 1,
      problems: [],
    });
    await a.close();
    const bAgain = await other.open();
    await copyReport(bAgain, 'merge', one.folder);
    const aAgain = await one.open();
    const marks = async (library: Library) =>
      Promise.all(
        [ours, onlyA, onlyB, trashedB].map(async (id) => {
          const { rating, flag, label, tags, note } = await library.get(id);
          return { rating, flag, label, tags, note };
        }),
      );
    expect(await marks(aAgain)).toEqual(await marks(bAgain));
    expect(await aAgain.get(ours)).toMatchObject({
      rating: 4,
      flag: 'pick',
      tags: ['red'],
      note: 'of one',
    });
    expect(await idsOf(aAgain, { trashed: true })).toEqual([trashedB]);
    expect(await aAgain.ask.albums({})).toMatchObject({ albums: [{ name: 'Best', count: 2 }] });
    expect(await checkedReport(aAgain)).toEqual(soundReport(3, 1));
    expect(await checkedReport(bAgain)).toEqual(soundReport(3, 1));
  });

  it('are not merged while the other is open, nor with a folder that is none', async () => {
    await using one = await temporaryLibrary();
    await using other = await temporaryLibrary();
    const a = await one.open();
    await rate(a, await filled(a, [1]), 3);
    await other.open();
    await expect(copyReport(a, 'merge', other.folder)).rejects.toMatchObject({
      code: 'library-locked',
    });
    await expect(copyReport(a, 'merge', path.join(one.folder, '..'))).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await checkedReport(a)).toEqual(soundReport(1));
  });

  it('are not merged where the other was last used with a newer version: neither is changed', async () => {
    await using one = await temporaryLibrary();
    await using other = await temporaryLibrary();
    const a = await one.open();
    const [own = ''] = await filled(a, [1]);
    const b = await other.open();
    await rate(b, await filled(b, [2]), 5);
    await b.close();
    const databasePath = path.join(other.folder, 'library.sqlite');
    for (const isKilled of [false, true]) {
      {
        using database = new DatabaseSync(databasePath);
        database.exec(`PRAGMA user_version = ${isKilled ? 99 : 98}`);
        // A program that is killed leaves its last changes in the log beside the file.
        if (isKilled) {
          await copyFile(databasePath, `${databasePath}.copy`);
          await copyFile(`${databasePath}-wal`, `${databasePath}.copy-wal`);
        }
      }
      if (isKilled) {
        await rename(`${databasePath}.copy`, databasePath);
        await rename(`${databasePath}.copy-wal`, `${databasePath}-wal`);
        expect((await readFile(databasePath)).readUInt32BE(60)).toBe(98);
      }
      const before = await contentsBelow(other.folder);
      await expect(copyReport(a, 'merge', other.folder)).rejects.toMatchObject({
        code: 'library-newer',
        details: { version: isKilled ? 99 : 98 },
        message: expect.stringContaining('Update Atelier') as string,
      });
      expect(await contentsBelow(other.folder)).toEqual(before);
      await expect(other.open()).rejects.toMatchObject({ code: 'library-newer' });
      expect(await contentsBelow(other.folder)).toEqual(before);
    }
    expect(await idsOf(a)).toEqual([own]);
    expect(await checkedReport(a)).toEqual(soundReport(1));
  });
});
