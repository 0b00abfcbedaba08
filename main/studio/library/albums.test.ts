import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  albumsJournalName,
  compareAlbums,
  lineBetween,
  openAlbumsJournal,
  readAlbumsJournal,
  type StoredAlbum,
} from './albums-journal.ts';
import type { Library } from './library.ts';
import {
  addPicture,
  checkedReport,
  copyReport,
  idsOf,
  recipeOf,
  soundReport,
  temporaryLibrary,
} from './library.fixture.ts';

async function pictures(library: Library, count: number): Promise<string[]> {
  const ids = [];
  for (let seed = 0; seed < count; seed += 1)
    ids.push(
      (await addPicture(library, recipeOf({ seed, createdAt: 1_800_000_000_000 + seed }))).id,
    );
  return ids;
}

async function albumsNamed(library: Library, names: string): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const name of names) {
    const smart = { name, kind: 'smart' as const, query: `tag:${name}` };
    ids[name] = (
      await library.change.createAlbum(name === name.toLowerCase() ? smart : { name })
    ).id;
  }
  return ids;
}

async function listOf(library: Library): Promise<string> {
  return (await library.ask.albums({})).albums.map(({ name }) => name).join('');
}

describe('the pictures of an album', () => {
  it('are put before others or to the end, in the order given', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const all = await pictures(library, 6);
    const [a = '', b = '', c = '', d = '', e = '', outside = ''] = all;
    const { id } = await library.change.createAlbum({ name: 'Best', ids: [a, b, c, d, e] });
    const move = async (ids: string[], before: string | null) => {
      await library.change.moveInAlbum({ id, ids, before });
      return (await idsOf(library, { album: id, order: 'album' }))
        .map((each) => 'abcdef'[all.indexOf(each)])
        .join('');
    };
    expect(await move([e], a)).toBe('eabcd');
    expect(await move([e, b], null)).toBe('acdeb');
    expect(await move([b, a], d)).toBe('cbade');
    // Before one of those that move: before what follows it.
    expect(await move([b, a], b)).toBe('cbade');
    expect(await move([a, c], a)).toBe('bacde');
    expect(await move([outside, c], outside)).toBe('badec');
    expect(await move([outside], a)).toBe('badec');
    await library.change.addToAlbum({ id, ids: [outside, a] });
    expect(await move([c], outside)).toBe('badecf');
    const smart = await library.change.createAlbum({ name: 'S', kind: 'smart', query: 'castle' });
    await expect(
      library.change.moveInAlbum({ id: smart.id, ids: [a], before: null }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    expect(await checkedReport(library)).toEqual(soundReport(6));
  });

  it('keep their places in the trash', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [a = '', b = '', c = ''] = await pictures(library, 3);
    await library.backgroundSettled();
    const { id } = await library.change.createAlbum({ name: 'Best', ids: [a, b, c] });
    await library.change.trash({ ids: [b] });
    await library.change.moveInAlbum({ id, ids: [c], before: a });
    await library.change.restore({ ids: [b] });
    expect(await idsOf(library, { album: id, order: 'album' })).toEqual([c, a, b]);
  });
});

describe('the list of albums', () => {
  it('is by name until it is put in order; new ones follow', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const { A = '', b = '', C = '' } = await albumsNamed(library, 'CbA');
    expect(await listOf(library)).toBe('AbC');
    const { changeId } = await library.change.moveAlbum({ id: C, before: A });
    expect(await listOf(library)).toBe('CAb');
    await library.change.moveAlbum({ id: C, before: C });
    expect(await listOf(library)).toBe('CAb');
    await library.change.moveAlbum({ id: C, before: null });
    expect(await listOf(library)).toBe('AbC');
    // It was moved again since.
    await library.change.revert({ changeId });
    expect(await listOf(library)).toBe('AbC');
    await library.change.moveAlbum({ id: b, before: A });
    await albumsNamed(library, 'Ba');
    expect(await listOf(library)).toBe('bACaB');
    const { changeId: removed } = await library.change.removeAlbum({ id: A });
    expect(await listOf(library)).toBe('bCaB');
    await library.change.revert({ changeId: removed });
    expect(await listOf(library)).toBe('bACaB');
    for (const wish of [
      { id: crypto.randomUUID(), before: null },
      { id: A, before: crypto.randomUUID() },
    ])
      await expect(library.change.moveAlbum(wish)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps its order over a restart, a rebuild and the loss of the database', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [first = '', second = ''] = await pictures(library, 2);
    const { A = '', b = '', C = '' } = await albumsNamed(library, 'AbC');
    await library.change.addToAlbum({ id: A, ids: [first, second] });
    await library.change.moveInAlbum({ id: A, ids: [second], before: first });
    await library.change.moveAlbum({ id: b, before: A });
    await library.change.moveAlbum({ id: C, before: A });
    for await (const _step of library.rebuild(AbortSignal.timeout(20_000)));
    expect(await listOf(library)).toBe('bCA');
    await library.close();
    const restarted = await temporary.open();
    expect(await listOf(restarted)).toBe('bCA');
    await restarted.close();
    for (const suffix of ['', '-wal', '-shm'])
      await rm(path.join(temporary.folder, `library.sqlite${suffix}`), { force: true });
    const again = await temporary.open();
    expect(await listOf(again)).toBe('bCA');
    expect(await idsOf(again, { album: A, order: 'album' })).toEqual([second, first]);
    expect(await checkedReport(again)).toEqual(soundReport(2));
  });

  it('takes those of another library at its end, and its order where it has none', async () => {
    await using one = await temporaryLibrary();
    await using other = await temporaryLibrary();
    const a = await one.open();
    const b = await other.open();
    const own = await albumsNamed(a, 'ABC');
    const theirs = await albumsNamed(b, 'xBY');
    await b.change.moveAlbum({ id: theirs['Y'] ?? '', before: theirs['B'] ?? '' });
    expect(await listOf(b)).toBe('YBx');
    await b.close();
    await copyReport(a, 'merge', other.folder);
    expect(await listOf(a)).toBe('YBxAC');
    await a.change.moveAlbum({ id: own['C'] ?? '', before: theirs['Y'] ?? '' });
    const bAgain = await other.open();
    await albumsNamed(bAgain, 'Zv');
    await bAgain.close();
    await copyReport(a, 'merge', other.folder);
    expect(await listOf(a)).toBe('CYBxAvZ');
    // Once more there is nothing to do.
    expect(await copyReport(a, 'merge', other.folder)).toMatchObject({ albums: 0 });
    await a.close();
    const back = await other.open();
    await copyReport(back, 'merge', one.folder);
    expect(await listOf(back)).toBe('YBxCAvZ');
  });
});

describe('the journal of albums', () => {
  const hashOf = (number: number) => number.toString(16).padStart(64, '0');

  it('says every change again, whatever the order', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'atelier-albums-'));
    using journal = openAlbumsJournal(folder);
    const lists = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 10 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(lists, (wanted) => {
        const id = crypto.randomUUID();
        for (const members of wanted) {
          const before = journal.find(id) ?? null;
          const next: StoredAlbum = {
            id,
            name: 'Best',
            kind: 'album',
            query: null,
            order: 'album',
            place: null,
            members: members.map(hashOf),
          };
          journal.append(lineBetween(id, before, next));
          expect(journal.find(id)).toEqual(next);
        }
      }),
      { numRuns: 40 },
    );
    const { albums, unreadable } = readAlbumsJournal(path.join(folder, albumsJournalName));
    expect(unreadable).toBe(0);
    expect([...albums.values()]).toEqual([...journal.all()]);
    await rm(folder, { recursive: true });
  });

  it('takes little for a picture that changes places with its neighbour', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'atelier-albums-'));
    using journal = openAlbumsJournal(folder);
    const members = Array.from({ length: 5000 }, (_, number) => hashOf(number));
    const album = { name: 'Best', kind: 'album', query: null, order: 'album', place: 3 } as const;
    const id = crypto.randomUUID();
    journal.append(lineBetween(id, null, { ...album, id, members }));
    const { size } = await stat(path.join(folder, albumsJournalName));
    const swapped = members.with(2500, hashOf(2501)).with(2501, hashOf(2500));
    journal.append(lineBetween(id, journal.find(id) ?? null, { ...album, id, members: swapped }));
    expect((await stat(path.join(folder, albumsJournalName))).size - size).toBeLessThan(400);
    expect(journal.find(id)).toEqual({ ...album, id, members: swapped });
    await rm(folder, { recursive: true });
  });

  it('orders lists the same way whatever they were before', () => {
    const album = fc.record({
      id: fc.uuid(),
      name: fc.string(),
      place: fc.option(fc.nat(5)),
    });
    fc.assert(
      fc.property(fc.uniqueArray(album, { selector: ({ id }) => id }), (albums) => {
        expect(albums.toReversed().toSorted(compareAlbums)).toEqual(albums.toSorted(compareAlbums));
      }),
    );
  });
});
