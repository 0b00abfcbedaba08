import {
  appendFile,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
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
} from '../library.fixture.ts';
import type { Library } from '../library.ts';

const atOnce = (index: number) => recipeOf({ seed: index, createdAt: 1_800_000_000_000 + index });

async function filled(library: Library, count: number) {
  const pictures = [];
  for (let index = 0; index < count; index += 1) {
    const { id, contentHash } = await addPicture(library, atOnce(index), {
      embedRecipe: index % 2 === 0,
    });
    pictures.push({ id, contentHash, path: (await library.get(id)).path });
  }
  return pictures;
}

/** Statements of another program on the library's database. */
function tamper(folder: string, sql: string): void {
  using database = new DatabaseSync(path.join(folder, 'library.sqlite'));
  database.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
}

async function kindsOf(library: Library): Promise<string[]> {
  return (await checkedReport(library)).findings.map(({ kind }) => kind);
}

/** Everything that is found is mended, and a second look finds nothing. */
async function expectMended(library: Library, kinds: readonly string[], left: [number, number]) {
  expect((await kindsOf(library)).toSorted()).toEqual([...kinds].toSorted());
  const fixed = await fixedReport(library);
  expect(fixed.findings.filter(({ isMended }) => !isMended)).toEqual([]);
  expect(fixed).toMatchObject({ found: kinds.length, mended: kinds.length });
  expect(await checkedReport(library)).toEqual(soundReport(...left));
  expect(await fixedReport(library)).toEqual(soundReport(...left));
}

describe('the doctor', { timeout: 120_000 }, () => {
  it('finds nothing wrong with a library that is in use', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first, second, third] = await filled(library, 3);
    await rate(library, [first?.id ?? ''], 4);
    await library.change.createAlbum({ name: 'Best', ids: [first?.id ?? '', third?.id ?? ''] });
    await trash(library, [second?.id ?? '', third?.id ?? '']);
    expect(await checkedReport(library)).toEqual(soundReport(1, 2));
    await library.emptyTrash();
    expect(await fixedReport(library)).toEqual(soundReport(1));
  });

  it('takes out a row whose file is gone, and has all of it back with the file', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [, lost] = await filled(library, 2);
    if (!lost) throw new Error('There is no picture.');
    await library.change.mark({
      ids: [lost.id],
      change: { rating: 5, note: 'the best', addTags: ['castle'] },
    });
    const { id: album } = await library.change.createAlbum({ name: 'Best', ids: [lost.id] });
    await library.backgroundSettled();
    const before = await library.get(lost.id);
    const bytes = await readFile(lost.path);
    await rm(lost.path);
    await expectMended(library, ['missing-file'], [1, 0]);
    await library.close();
    await writeFile(lost.path, bytes);
    const again = await temporary.open();
    expect(await again.get(lost.id)).toEqual(before);
    expect(before.albums).toEqual([{ id: album, name: 'Best' }]);
    expect(await checkedReport(again)).toEqual(soundReport(2));
  });

  it('finds a missing file again under another name', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [moved] = await filled(library, 1);
    if (!moved) throw new Error('There is no picture.');
    await rate(library, [moved.id], 3);
    const elsewhere = path.join(temporary.folder, 'images', 'elsewhere', 'mine.png');
    await mkdir(path.dirname(elsewhere));
    await rename(moved.path, elsewhere);
    await expectMended(library, ['missing-file', 'orphan-file'], [1, 0]);
    expect(await library.get(moved.id)).toMatchObject({ path: elsewhere, rating: 3 });
  });

  it('takes in files that the database does not know, and sets aside those that are no pictures', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await filled(library, 1);
    const images = path.join(temporary.folder, 'images');
    await sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } })
      .jpeg()
      .toFile(path.join(images, 'new.jpg'));
    await writeFile(path.join(images, 'broken.png'), 'no picture');
    const stale = path.join(images, '.01234567-89ab-cdef-0123-456789abcdef.tmp');
    await writeFile(stale, 'half');
    await utimes(stale, 1_700_000_000, 1_700_000_000);
    await expectMended(library, ['orphan-file', 'unreadable-file', 'temporary-file'], [2, 0]);
    const aside = path.join(temporary.folder, 'set-aside', 'broken.png');
    expect(await readFile(aside, 'utf8')).toBe('no picture');
    expect((await readdir(images)).toSorted()).toEqual(['2027', 'new.jpg']);
  });

  it('reads a changed file anew with its marks and albums, and sets aside one that became something else', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [changed, ruined] = await filled(library, 2);
    if (!changed || !ruined) throw new Error('There are no pictures.');
    await rate(library, [changed.id, ruined.id], 2);
    await library.change.createAlbum({ name: 'All', ids: [changed.id, ruined.id] });
    await sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } })
      .png()
      .toFile(changed.path);
    await writeFile(ruined.path, 'other bytes');
    await expectMended(library, ['changed-file', 'unreadable-file'], [1, 0]);
    const [id = ''] = await idsOf(library);
    expect(await library.get(id)).toMatchObject({
      width: 9,
      rating: 2,
      albums: [{ name: 'All' }],
    });
  });

  it('makes rows anew that cannot be read, or say what is not so of their files', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const pictures = await filled(library, 6);
    await library.change.mark({ ids: pictures.map(({ id }) => id), change: { rating: 4 } });
    await library.backgroundSettled();
    const before = await Promise.all(pictures.map(({ id }) => library.get(id)));
    const seqs = [0, 1, 2, 3, 4, 5].map((index) => (1_800_000_000_000 + index) * 1000);
    tamper(
      temporary.folder,
      `UPDATE images SET width = 9999 WHERE seq = ${seqs[0]};
       UPDATE images SET format = 'bmp' WHERE seq = ${seqs[1]};
       UPDATE image_texts SET recipe = '{' WHERE seq = ${seqs[2]};
       DELETE FROM image_texts WHERE seq = ${seqs[3]};
       UPDATE images SET content_hash = '${'G'.repeat(64)}' WHERE seq = ${seqs[4]};
       UPDATE images SET path = '../elsewhere.png' WHERE seq = ${seqs[5]};`,
    );
    const kinds = [...Array.from({ length: 6 }, () => 'bad-row'), 'orphan-file'];
    // The file of the row that pointed elsewhere has no row until that one is made anew.
    expect((await kindsOf(library)).toSorted()).toEqual(kinds.toSorted());
    await fixedReport(library);
    expect(await checkedReport(library)).toEqual(soundReport(6));
    expect(await Promise.all(pictures.map(({ id }) => library.get(id)))).toEqual(before);
  });

  it('goes by the journals where the database tells otherwise, and keeps what they never knew', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [marked, unknown] = await filled(library, 2);
    if (!marked || !unknown) throw new Error('There are no pictures.');
    await library.change.mark({
      ids: [marked.id],
      change: { rating: 5, note: 'mine', addTags: ['red'] },
    });
    const { id: album } = await library.change.createAlbum({ name: 'Best', ids: [marked.id] });
    tamper(
      temporary.folder,
      `UPDATE images SET rating = 1, tags = 'blue' WHERE content_hash = '${marked.contentHash}';
       DELETE FROM album_images; UPDATE albums SET name = 'Worst';`,
    );
    await expectMended(library, ['journal', 'journal'], [2, 0]);
    expect(await library.get(marked.id)).toMatchObject({
      rating: 5,
      tags: ['red'],
      albums: [{ id: album, name: 'Best' }],
    });
    expect(await idsOf(library, { text: 'tag:red' })).toEqual([marked.id]);
  });

  it('writes a journal anew that has lines which cannot be read, and keeps a copy', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [picture] = await filled(library, 1);
    await rate(library, [picture?.id ?? ''], 3);
    for (const journal of ['library-journal.jsonl', 'library-albums.jsonl'])
      await appendFile(path.join(temporary.folder, journal), '{"hash":"half\n');
    await expectMended(library, ['journal', 'journal'], [1, 0]);
    expect((await readdir(path.join(temporary.folder, 'set-aside'))).toSorted()).toEqual([
      'library-albums.jsonl',
      'library-journal.jsonl',
    ]);
    await rate(library, [picture?.id ?? ''], 4);
    await library.close();
    const again = await temporary.open();
    expect(await again.get(picture?.id ?? '')).toMatchObject({ rating: 4 });
    expect(await checkedReport(again)).toEqual(soundReport(1));
  });

  it('takes members out of albums that are no pictures of the library', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [picture] = await filled(library, 1);
    const { id } = await library.change.createAlbum({ name: 'Best', ids: [picture?.id ?? ''] });
    await library.close();
    await appendFile(
      path.join(temporary.folder, 'library-albums.jsonl'),
      `${JSON.stringify({ id, added: ['a'.repeat(64)] })}\n`,
    );
    const again = await temporary.open();
    await expectMended(again, ['album-member'], [1, 0]);
    expect((await again.get(picture?.id ?? '')).albums).toEqual([{ id, name: 'Best' }]);
  });

  it('puts words back into the index, takes others out, and deletes rows that belong to none', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first, second] = await filled(library, 2);
    await library.change.mark({ ids: [second?.id ?? ''], change: { note: 'harbour' } });
    tamper(
      temporary.folder,
      `DELETE FROM picture_words WHERE rowid = ${1_800_000_000_000 * 1000};
       DELETE FROM mark_words;
       INSERT INTO picture_words (rowid, prompt, negative_prompt, model, loras, name) VALUES (5, 'ghost', '', '', '', '');
       INSERT INTO image_origins VALUES (77, 'x', 'branch');`,
    );
    await expectMended(library, ['search-index', 'search-index', 'database'], [2, 0]);
    expect(await idsOf(library, { text: 'apple' })).toEqual([second?.id, first?.id]);
    expect(await idsOf(library, { text: 'note:harbour' })).toEqual([second?.id]);
  });

  it('ends when it is cancelled, and mends again afterwards', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [picture] = await filled(library, 1);
    await rm(picture?.path ?? '');
    await expect(fixedReport(library, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    await expectMended(library, ['missing-file'], [0, 0]);
  });

  it('finds nothing wrong while pictures are marked, moved and added', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const pictures = await filled(library, 12);
    let isChecked = false;
    const work = async () => {
      for (let round = 0; !isChecked; round += 1) {
        const ids = [pictures[round % 12]?.id ?? ''];
        await rate(library, ids, round % 6);
        await library.change.trash({ ids });
        await library.change.restore({ ids });
        await addPicture(library, atOnce(100 + round));
      }
    };
    const working = work();
    const reports = [await checkedReport(library), await checkedReport(library)];
    isChecked = true;
    await working;
    expect(reports.map(({ findings }) => findings)).toEqual([[], []]);
  });
});
