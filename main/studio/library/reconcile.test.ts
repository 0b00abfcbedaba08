import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  addPicture,
  checkedReport,
  idsOf,
  rate,
  recipeOf,
  summariesOf,
  temporaryLibrary,
} from './library.fixture.ts';

describe('a library that was changed outside', () => {
  it('finds pictures again that were moved or renamed, with id and rating', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const { id } = await addPicture(library, recipeOf());
    await rate(library, [id], 4);
    const { path: filePath } = await library.get(id);
    await library.close();
    const moved = path.join(temporary.folder, 'images', 'favourites', 'apple.PNG');
    await mkdir(path.dirname(moved));
    await rename(filePath, moved);
    const again = await temporary.open();
    expect(await again.get(id)).toMatchObject({ path: moved, rating: 4, missing: false });
    expect(await idsOf(again)).toEqual([id]);
    expect(temporary.entries).toEqual([
      'info: 1 picture was moved or renamed outside and found again.',
    ]);
  });

  it('takes in pictures of other programs, and leaves alone what is no picture', async () => {
    await using temporary = await temporaryLibrary();
    await (await temporary.open()).close();
    const images = path.join(temporary.folder, 'images');
    await sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } })
      .png()
      .toFile(path.join(images, 'mine.png'));
    await writeFile(path.join(images, 'broken.png'), 'no picture');
    await writeFile(path.join(images, 'reserved.png'), '');
    await writeFile(path.join(images, 'notes.txt'), 'mine');
    await writeFile(path.join(images, '.01234567-89ab-cdef-0123-456789abcdef.tmp'), 'half');
    const library = await temporary.open();
    const items = await summariesOf(library);
    expect(items).toMatchObject([{ width: 9, height: 7, prompt: '', rating: 0 }]);
    expect((await readdir(images)).toSorted()).toEqual(['broken.png', 'mine.png', 'notes.txt']);
    expect(temporary.entries).toContain(
      'warning: "images/broken.png" is not a readable picture and was left alone.',
    );
    expect(await checkedReport(library)).toMatchObject({
      images: 1,
      findings: [{ kind: 'unreadable-file', subject: 'images/broken.png' }],
    });
  });

  it('is reported by a check that changes nothing', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const [changed, missing] = [
      await addPicture(library, recipeOf({ seed: 1 })),
      await addPicture(library, recipeOf({ seed: 2 })),
    ];
    await writeFile((await library.get(changed.id)).path, 'other bytes');
    await rm((await library.get(missing.id)).path);
    await sharp({ create: { width: 9, height: 7, channels: 3, background: 'red' } })
      .png()
      .toFile(path.join(temporary.folder, 'images', 'new.png'));
    const { found, findings } = await checkedReport(library);
    expect(findings.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['orphan-file', 'images/new.png'],
      ['unreadable-file', 'images/2026/11/20261124-031502-a-red-apple-3d-1.png'],
      ['missing-file', 'images/2026/11/20261124-031502-a-red-apple-3d-2.png'],
    ]);
    expect(found).toBe(3);
    await expect(checkedReport(library, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
