import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MarkChange, Tag } from '../../../contract/images.ts';
import type { Library } from './library.ts';
import {
  addPicture,
  idsOf,
  recipeOf,
  temporaryLibrary,
  type TemporaryLibrary,
} from './library.fixture.ts';

async function threePictures(library: Library): Promise<[string, string, string]> {
  const ids = [];
  for (let seed = 0; seed < 3; seed += 1)
    ids.push(
      (await addPicture(library, recipeOf({ seed, createdAt: 1_800_000_000_000 + seed }))).id,
    );
  // A file that moves while the background looks at it is looked at again only in the next run.
  await library.backgroundSettled();
  return ids as [string, string, string];
}

async function withoutDatabase({ folder }: TemporaryLibrary): Promise<void> {
  for (const suffix of ['', '-wal', '-shm'])
    await rm(path.join(folder, `library.sqlite${suffix}`), { force: true });
}

/** All that people can see. */
async function contentsOf(library: Library) {
  // Colours are seen in the background.
  await library.backgroundSettled();
  const details = [];
  for (const trashed of [false, true])
    for (const id of await idsOf(library, { trashed })) details.push(await library.get(id));
  const { albums } = await library.ask.albums({});
  const members = [];
  for (const { id } of albums) members.push(await idsOf(library, { album: id, order: 'album' }));
  return { details, albums, members, ...(await library.ask.tags({})) };
}

describe('every change', () => {
  it('can be taken back, and what that took back as well', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first, second, third] = await threePictures(library);
    const { change } = library;
    const { id: album } = await change.createAlbum({ name: 'Best', ids: [first, second] });
    const { id: smart } = await change.createAlbum({
      name: 'Rated',
      kind: 'smart',
      query: 'rating>=1',
    });
    await change.mark({
      ids: [first],
      change: { addTags: ['Sea', 'cat'], note: 'old', rating: 2 },
    });
    const changes = [
      () =>
        change.mark({ ids: [first, second], change: { rating: 5, flag: 'pick', label: 'red' } }),
      () =>
        change.mark({
          ids: [first, third],
          change: { note: 'new', addTags: ['x'], removeTags: ['SEA'] },
        }),
      () => change.trash({ ids: [second, third] }),
      () => change.renameTag({ from: 'cat', to: 'Dog' }),
      () => change.removeTag({ name: 'sea' }),
      () => change.createAlbum({ name: 'Smart', kind: 'smart', query: 'rating>=2' }),
      () => change.updateAlbum({ id: album, name: 'Better', order: 'oldest' }),
      () => change.moveAlbum({ id: smart, before: album }),
      () => change.addToAlbum({ id: album, ids: [third] }),
      () => change.moveInAlbum({ id: album, ids: [second], before: first }),
      () => change.removeFromAlbum({ id: album, ids: [first] }),
      () => change.removeAlbum({ id: album }),
    ];
    for (const make of changes) {
      const before = await contentsOf(library);
      const { changeId } = await make();
      const after = await contentsOf(library);
      expect(after).not.toEqual(before);
      const undone = await change.revert({ changeId });
      expect(await contentsOf(library)).toEqual(before);
      const redone = await change.revert(undone);
      expect(await contentsOf(library)).toEqual(after);
      await change.revert(redone);
      expect(await contentsOf(library)).toEqual(before);
      await expect(change.revert({ changeId })).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('that is taken back leaves alone what was changed since', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first, second] = await threePictures(library);
    const { change } = library;
    const { changeId } = await change.mark({
      ids: [first, second],
      change: { rating: 3, label: 'blue', addTags: ['a', 'b'] },
    });
    await change.mark({ ids: [first], change: { rating: 5, addTags: ['c'], removeTags: ['b'] } });
    await change.revert({ changeId });
    expect(await library.get(first)).toMatchObject({ rating: 5, label: null, tags: ['c'] });
    expect(await library.get(second)).toMatchObject({ rating: 0, label: null, tags: [] });
  });

  it('is forgotten after two hundred more', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [id] = await threePictures(library);
    const { changeId } = await library.change.mark({ ids: [id], change: { rating: 1 } });
    for (let step = 0; step < 200; step += 1)
      await library.change.mark({ ids: [id], change: { rating: 2 + (step % 2) } });
    await expect(library.change.revert({ changeId })).rejects.toMatchObject({ code: 'not-found' });
  }, 30_000);
});

describe('tags', () => {
  it('are one whatever their case, spelled as they were first', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first, second] = await threePictures(library);
    await library.change.mark({ ids: [first], change: { addTags: ['Été', 'ÉTÉ'] } });
    await library.change.mark({ ids: [first, second], change: { addTags: ['été', 'New'] } });
    expect((await library.get(second)).tags).toEqual(['Été', 'New']);
    expect((await library.ask.tags({})).tags).toEqual([
      { name: 'Été', count: 2 },
      { name: 'New', count: 2 },
    ]);
    await library.change.renameTag({ from: 'new', to: 'NEW' });
    expect((await library.get(first)).tags).toEqual(['Été', 'NEW']);
    await library.change.renameTag({ from: 'NEW', to: 'ÉTÉ' });
    expect((await library.get(first)).tags).toEqual(['Été']);
    await expect(library.change.renameTag({ from: 'gone', to: 'x' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('may be a hundred characters of anything but control characters', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [id] = await threePictures(library);
    const tags = ['x'.repeat(100), '👩‍👩‍👧‍👦 Familie', 'a\'b"c,d:e;--', '猫'];
    await library.change.mark({ ids: [id], change: { addTags: tags } });
    for (const tag of tags) {
      expect(await idsOf(library, { text: `tag:"${tag.replaceAll('"', '""')}"` })).toEqual([id]);
    }
    expect(Tag.parse('  sea \n view ')).toBe('sea view');
    expect(Tag.safeParse('x'.repeat(101)).error?.issues[0]?.message).toContain('100 characters');
    expect(Tag.safeParse('  ').success).toBe(false);
    expect(Tag.safeParse('a\u0007b').success).toBe(false);
    expect(MarkChange.safeParse({ note: 'x'.repeat(10_001) }).success).toBe(false);
  });

  it('of one picture are counted before anything changes', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first, second] = await threePictures(library);
    const many = (name: string) => Array.from({ length: 300 }, (_, index) => `${name}${index}`);
    await library.change.mark({ ids: [first], change: { addTags: many('a') } });
    await expect(
      library.change.mark({ ids: [second, first], change: { addTags: many('b'), rating: 4 } }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    expect(await library.get(second)).toMatchObject({ rating: 0, tags: [] });
  });
});

describe('marks and albums', () => {
  it('are made anew from files and journals, also where a last line was cut off', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first, second, third] = await threePictures(library);
    const { change } = library;
    const { id } = await change.createAlbum({ name: 'Best', ids: [third, first] });
    await change.addToAlbum({ id, ids: [second] });
    await change.moveInAlbum({ id, ids: [second], before: first });
    await change.removeFromAlbum({ id, ids: [third] });
    await change.createAlbum({
      name: 'Good ones',
      kind: 'smart',
      query: 'rating>=3 OR album:best',
    });
    const { id: circle } = await change.createAlbum({
      name: 'Circle',
      kind: 'smart',
      query: 'album:circle',
    });
    await change.moveAlbum({ id: circle, before: null });
    await change.mark({
      ids: [first, third],
      change: { rating: 3, flag: 'reject', addTags: ['Sea'] },
    });
    await change.mark({ ids: [third], change: { label: 'green', note: 'a note', addTags: ['y'] } });
    await change.trash({ ids: [third] });
    const before = await contentsOf(library);
    expect(before.albums.map(({ name, count }) => [name, count])).toEqual([
      ['Best', 2],
      ['Good ones', 2],
      ['Circle', 0],
    ]);
    expect(await idsOf(library, { album: id, order: 'album' })).toEqual([second, first]);
    for await (const _step of library.rebuild(AbortSignal.timeout(20_000)));
    expect(await contentsOf(library)).toEqual(before);
    await library.close();
    for (const name of ['library-journal.jsonl', 'library-albums.jsonl']) {
      const journal = path.join(temporary.folder, name);
      await writeFile(journal, `${await readFile(journal, 'utf8')}{"hash":"00`);
    }
    await withoutDatabase(temporary);
    const again = await temporary.open();
    expect(await contentsOf(again)).toEqual(before);
    expect(await idsOf(again, { text: 'note:note', trashed: true })).toEqual([third]);
  });

  it('that the journals know and the database does not are caught up with', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first] = await threePictures(library);
    await library.close();
    const { contentHash } = await temporary.open().then(async (open) => {
      const detail = await open.get(first);
      await open.close();
      return detail;
    });
    const line = JSON.stringify({
      hash: contentHash,
      rating: 4,
      tags: ['late'],
      note: 'late note',
    });
    await writeFile(path.join(temporary.folder, 'library-journal.jsonl'), `${line}\n`);
    const again = await temporary.open();
    expect(await again.get(first)).toMatchObject({ rating: 4, tags: ['late'], note: 'late note' });
    expect(await idsOf(again, { text: 'late' })).toEqual([first]);
  });
});
