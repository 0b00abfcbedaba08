import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { watchFolderEvents } from './folder-events.ts';
import { addPicture, idsOf, recipeOf, summariesOf, temporaryLibrary } from './library.fixture.ts';
import { openLibrary, type Library } from './library.ts';

/** A library that is followed. */
async function opened() {
  const temporary = await temporaryLibrary();
  const { folder, cacheFolder } = temporary;
  const library = await openLibrary({ folder, cacheFolder, followsFiles: true, log: () => {} });
  await library.healed;
  return {
    folder,
    library,
    async [Symbol.asyncDispose]() {
      await library.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

async function becomes<T>(look: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const value = await look();
    if (wanted(value)) return value;
    await sleep(50);
  }
  throw new Error('It did not come to that.');
}

async function marked(library: Library, seed: number): Promise<string> {
  const { id } = await addPicture(library, recipeOf({ seed }));
  await library.change.mark({ ids: [id], change: { rating: 4, addTags: ['kept'], note: 'mine' } });
  return id;
}

it('files that are renamed and moved while it is open keep their marks', async () => {
  await using open = await opened();
  const { library, folder } = open;
  const [renamed, moved] = [await marked(library, 1), await marked(library, 2)];
  const from = (await library.get(renamed)).path;
  const to = path.join(path.dirname(from), 'my apple.png');
  await rename(from, to);
  const kept = { rating: 4, tags: ['kept'], note: 'mine', missing: false };
  expect(
    await becomes(
      () => library.get(renamed),
      (detail) => detail.path === to,
    ),
  ).toMatchObject(kept);
  // Into a folder that is new, which then gets another name itself.
  const place = path.join(folder, 'images', 'favourites');
  await mkdir(place);
  await rename((await library.get(moved)).path, path.join(place, 'b.png'));
  await becomes(
    () => library.get(moved),
    (detail) => detail.path === path.join(place, 'b.png'),
  );
  await rename(place, `${place}-2`);
  expect(
    await becomes(
      () => library.get(moved),
      (detail) => detail.path === path.join(`${place}-2`, 'b.png'),
    ),
  ).toMatchObject(kept);
  expect(await idsOf(library)).toHaveLength(2);
}, 60_000);

it('a file that goes is missing and found again when it comes back elsewhere', async () => {
  await using open = await opened();
  const { library, folder } = open;
  const id = await marked(library, 1);
  const away = path.join(folder, 'away.png');
  await rename((await library.get(id)).path, away);
  await becomes(
    () => idsOf(library, { text: 'is:missing' }),
    (ids) => ids.length === 1,
  );
  await rename(away, path.join(folder, 'images', 'back.png'));
  await becomes(
    () => idsOf(library, { text: '-is:missing rating:4' }),
    (ids) => ids[0] === id,
  );
  expect(await idsOf(library)).toEqual([id]);
}, 60_000);

it('files that are put there come in once they are whole, and changed ones keep their marks', async () => {
  await using open = await opened();
  const { library, folder } = open;
  const png = await sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const file = path.join(folder, 'images', 'mine.png');
  await writeFile(file, png.subarray(0, png.length - 20));
  await writeFile(path.join(folder, 'images', 'notes.txt'), 'mine');
  await sleep(1500);
  expect(await idsOf(library)).toEqual([]);
  await writeFile(file, png);
  const [own] = await becomes(
    () => summariesOf(library),
    (found) => found.length === 1,
  );
  await library.change.mark({ ids: [own?.id ?? ''], change: { flag: 'pick' } });
  const other = await sharp({ create: { width: 5, height: 6, channels: 3, background: 'blue' } })
    .png()
    .toBuffer();
  await writeFile(file, other);
  const [changed] = await becomes(
    () => summariesOf(library),
    ([found]) => found?.width === 5,
  );
  expect(changed).toMatchObject({ flag: 'pick', height: 6 });
  expect(await readFile(file)).toEqual(other);
}, 60_000);

it('a watched tree takes up folders that come, and forgets those that go', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'atelier-events-'));
  await mkdir(path.join(root, 'a', 'b'), { recursive: true });
  const told = new Set<string>();
  const options = { subfolders: true, onEnd: () => {}, isWatchedByFolder: true };
  const watched = watchFolderEvents(root, { ...options, onChange: (file) => told.add(file) });
  const tells = (file: string) =>
    becomes(
      async () => {
        await writeFile(file, String(told.size)).catch(() => {});
        return told.has(file);
      },
      (isTold) => isTold,
    );
  try {
    await tells(path.join(root, 'a', 'b', 'x.png'));
    await mkdir(path.join(root, 'new', 'deep'), { recursive: true });
    await tells(path.join(root, 'new', 'deep', 'x.png'));
    await rename(path.join(root, 'new'), path.join(root, 'renamed'));
    await tells(path.join(root, 'renamed', 'deep', 'x.png'));
    expect(told.has(path.join(root, 'new'))).toBe(true);
  } finally {
    watched[Symbol.dispose]();
    await rm(root, { recursive: true, force: true });
  }
}, 60_000);
