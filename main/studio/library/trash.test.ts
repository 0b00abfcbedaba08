import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  addPicture,
  checkedReport,
  idsOf,
  rate,
  recipeOf,
  restore,
  soundReport,
  temporaryLibrary,
  trash,
} from './library.fixture.ts';

const soon = () => AbortSignal.timeout(20_000);

describe('trash', () => {
  it('moves the file and back, keeping id, rating and place in the gallery', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const before = [];
    for (let i = 0; i < 3; i += 1)
      before.unshift((await addPicture(library, recipeOf({ seed: i }))).id);
    const [, middle = ''] = before;
    await rate(library, [middle], 5);
    const { path: filePath } = await library.get(middle);
    await trash(library, [middle]);
    expect(await idsOf(library)).toEqual([before[0], before[2]]);
    expect(await idsOf(library, { trashed: true })).toEqual([middle]);
    await expect(stat(filePath)).rejects.toMatchObject({ code: 'ENOENT' });
    const trashed = await library.get(middle);
    expect(path.relative(temporary.folder, trashed.path)).toMatch(/^trash/);
    await trash(library, [middle]);
    await restore(library, [middle]);
    await restore(library, [middle]);
    expect(await idsOf(library)).toEqual(before);
    expect(await library.get(middle)).toMatchObject({ path: filePath, rating: 5, missing: false });
  });

  it('restores under another name where the old one is taken', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const first = await addPicture(library, recipeOf());
    await trash(library, [first.id]);
    const second = await addPicture(library, recipeOf());
    await trash(library, [second.id]);
    const third = await addPicture(library, recipeOf());
    await restore(library, [first.id, second.id]);
    const names = await Promise.all(
      [first, second, third].map(async ({ id }) => (await library.get(id)).fileName),
    );
    expect(names).toEqual([
      '20261124-031502-a-red-apple-3d-7-2.png',
      '20261124-031502-a-red-apple-3d-7-3.png',
      '20261124-031502-a-red-apple-3d-7.png',
    ]);
    expect(await checkedReport(library)).toEqual(soundReport(3));
  });

  it('deletes for good only what lies in it', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const keep = await addPicture(library, recipeOf());
    const lose = await addPicture(library, recipeOf({ seed: 8 }));
    await trash(library, [lose.id]);
    expect(await library.emptyTrash()).toBe(1);
    expect(await library.emptyTrash()).toBe(0);
    await expect(library.get(lose.id)).rejects.toMatchObject({ code: 'not-found' });
    expect(await idsOf(library)).toEqual([keep.id]);
    expect(await checkedReport(library)).toEqual(soundReport(1));
  });

  it('moves what it can when one of the files is gone, and says so', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const ids = [];
    for (let seed = 0; seed < 3; seed += 1)
      ids.push((await addPicture(library, recipeOf({ seed }))).id);
    const [first = '', second = '', third = ''] = ids;
    await rm((await library.get(second)).path);
    const change = library.subscribe(soon())[Symbol.asyncIterator]().next();
    await expect(trash(library, ids)).rejects.toMatchObject({
      code: 'not-found',
      details: { id: second },
    });
    expect((await change).value).toEqual({ kind: 'reset', ids: [] });
    expect(await idsOf(library, { trashed: true })).toEqual([first]);
    expect(await library.get(third)).toMatchObject({ missing: false });
    expect(await checkedReport(library)).toMatchObject({
      images: 2,
      trashed: 1,
      findings: [{ kind: 'missing-file' }],
    });
  });

  it('changes nothing when one of the pictures is unknown', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const { id } = await addPicture(library, recipeOf());
    await expect(trash(library, [id, randomUUID()])).rejects.toMatchObject({ code: 'not-found' });
    await expect(rate(library, [id, randomUUID()], 3)).rejects.toMatchObject({ code: 'not-found' });
    expect(await library.get(id)).toMatchObject({ rating: 0 });
    expect(await idsOf(library)).toEqual([id]);
  });
});
