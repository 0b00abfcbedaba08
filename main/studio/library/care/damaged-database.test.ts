/** Pages of the database that hold anything else than they should, as bad disks and other programs leave them. */
import { copyFile, open, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import {
  addPicture,
  checkedReport,
  fixedReport,
  idsOf,
  rate,
  recipeOf,
  soundReport,
  temporaryLibrary,
  trash,
  type TemporaryLibrary,
} from '../library.fixture.ts';
import type { Library } from '../library.ts';

const pictures = 24;

/** Pictures with marks, albums, one in the trash, every third with its recipe in the journal alone. */
async function fill(library: Library): Promise<void> {
  const ids: string[] = [];
  for (let seed = 0; seed < pictures; seed += 1) {
    const recipe = recipeOf({
      seed,
      prompt: `castle ${seed}`,
      createdAt: 1_800_000_000_000 + seed,
    });
    ids.push((await addPicture(library, recipe, { embedRecipe: seed % 3 !== 0 })).id);
  }
  // A file that moves while the background looks at it is looked at again only in the next run.
  await library.backgroundSettled();
  const change = { rating: 4, note: 'by the sea', addTags: ['harbour'], label: 'red' } as const;
  await library.change.mark({ ids: ids.slice(0, 5), change: { ...change, addTags: ['harbour'] } });
  await library.change.createAlbum({ name: 'Best', ids: [ids[7] ?? '', ids[2] ?? ''] });
  await trash(library, ids.slice(20, 21));
}

/** Everything that a person sees of it. */
async function seenOf(library: Library) {
  await library.backgroundSettled();
  const ids = [...(await idsOf(library)), ...(await idsOf(library, { trashed: true }))];
  return {
    details: await Promise.all(ids.map((id) => library.get(id))),
    albums: await library.ask.albums({}),
    tagged: await idsOf(library, { text: 'tag:harbour castle' }),
    alike: (await idsOf(library, { order: 'similar', like: ids[0] ?? '' })).length,
  };
}

/** Pages of a table or an index, of inner ones and of leaves, in the order of the file. */
function pagesOf(databasePath: string): { name: string; page: number }[] {
  using database = new DatabaseSync(databasePath);
  // Everything into the one file.
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return database
    .prepare('SELECT name, pageno AS page FROM dbstat WHERE pageno > 1 ORDER BY pageno')
    .all()
    .map(({ name, page }) => ({ name: String(name), page: Number(page) }));
}

async function overwrite(databasePath: string, page: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(databasePath, 'r+');
  await file.write(bytes, 0, bytes.length, (page - 1) * 4096);
}

async function asides({ folder }: TemporaryLibrary): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('library.sqlite.damaged-'));
}

const garbage = Uint8Array.from({ length: 4096 }, (_, index) => (index * 89 + 13) % 251);

/** Of each kind: rows, texts, indexes, words, lists and what is only kept for speed. */
const tried = [
  'images',
  'image_texts',
  'images_by_hash',
  'picture_words_data',
  'album_images',
  'image_analyses',
  'packed_columns',
  'image_changes',
  'library_state',
];
/** Every page of the file in turn: `ATELIER_PAGES=all`. */
const isThorough = process.env['ATELIER_PAGES'] === 'all';

it('a damaged page in the middle of the file is found and mended, and nothing is lost', async () => {
  await using temporary = await temporaryLibrary();
  const library = await temporary.open();
  await fill(library);
  const before = await seenOf(library);
  await library.close();
  const databasePath = path.join(temporary.folder, 'library.sqlite');
  const all = pagesOf(databasePath);
  const chosen = isThorough
    ? all
    : tried.map((name) => all.findLast((each) => each.name === name) ?? { name, page: 0 });
  expect(chosen.every(({ page }) => page > 1)).toBe(true);
  const sound = path.join(temporary.folder, '..', 'sound.sqlite');
  await copyFile(databasePath, sound);
  const journal = path.join(temporary.folder, '..', 'journal.jsonl');
  await copyFile(path.join(temporary.folder, 'library-journal.jsonl'), journal);
  const wrong: string[] = [];
  for (const { name, page } of chosen) {
    for (const suffix of ['', '-wal', '-shm']) await rm(databasePath + suffix, { force: true });
    for (const aside of await asides(temporary)) await rm(path.join(temporary.folder, aside));
    await copyFile(sound, databasePath);
    await overwrite(databasePath, page, garbage);
    temporary.entries.length = 0;
    const damaged = await temporary.open();
    const isToldAtOpening = temporary.entries.some((entry) => /was damaged/.test(entry));
    const found = await checkedReport(damaged);
    const isFound = found.findings.some(
      ({ kind, message }) => kind === 'database' && / is damaged: /.test(message),
    );
    const fixed = isToldAtOpening ? found : await fixedReport(damaged);
    const after = await checkedReport(damaged);
    const isSound =
      isDeepStrictEqual(after, soundReport(pictures - 1, 1)) &&
      fixed.findings.every(({ isMended }) => isMended);
    const isAsBefore = isDeepStrictEqual(await seenOf(damaged), before);
    if (!(isToldAtOpening || isFound) || !isSound || !isAsBefore)
      wrong.push(`page ${page} of ${name}: ${JSON.stringify({ found, fixed, after, isAsBefore })}`);
    // It can be written to again, and what is written stays.
    const [first = ''] = await idsOf(damaged);
    await rate(damaged, [first], 3);
    await damaged.close();
    await rm(path.join(temporary.folder, 'library-journal.jsonl'));
    await copyFile(journal, path.join(temporary.folder, 'library-journal.jsonl'));
  }
  expect(wrong).toEqual([]);
}, 600_000);

it('a database that is made anew while it is open shows the new rows at once, and a copy of it is kept', async () => {
  await using temporary = await temporaryLibrary();
  const library = await temporary.open();
  await fill(library);
  await library.close();
  const databasePath = path.join(temporary.folder, 'library.sqlite');
  const page = pagesOf(databasePath).find(({ name }) => name === 'image_analyses');
  await overwrite(databasePath, page?.page ?? 0, garbage);
  const bytes = await readFile(databasePath);
  const damaged = await temporary.open();
  expect(temporary.entries).toEqual([]);
  const ids = await idsOf(damaged);
  // A picture that goes while the columns in memory have it.
  await rm(
    (await damaged.ask.summaries({ ids }).then(() => damaged.resolveAsset('image', ids[3] ?? '')))
      .path,
  );
  const { findings } = await fixedReport(damaged);
  expect(findings.map(({ kind }) => kind)).toEqual(['database']);
  const [aside = '', log] = (await asides(temporary)).toSorted((a, b) => a.length - b.length);
  // With what stood in the log beside it.
  expect(log).toBe(`${aside}-wal`);
  expect(findings[0]?.remedy).toContain(`kept as "${aside}"`);
  expect((await readFile(path.join(temporary.folder, aside))).length).toBe(bytes.length);
  expect(await idsOf(damaged)).toEqual(ids.filter((_, index) => index !== 3));
  expect((await readdir(temporary.folder)).filter((name) => name.includes('.new'))).toEqual([]);
  expect(await checkedReport(damaged)).toEqual(soundReport(pictures - 2, 1));
});
