import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { everyImage } from '../../../contract/images.ts';
import type { Library } from './library.ts';
import {
  addPicture,
  checkedReport,
  idsOf,
  rate,
  recipeOf,
  restore,
  soundReport,
  summariesOf,
  temporaryLibrary,
  type TemporaryLibrary,
  trash,
} from './library.fixture.ts';

/** Everything that people can see of a library. */
async function contentsOf(library: Library) {
  // Colours are seen in the background.
  await library.backgroundSettled();
  const contents = [];
  for (const trashed of [false, true]) {
    const ids = await idsOf(library, { trashed });
    contents.push(ids.length, ...(await Promise.all(ids.map((id) => library.get(id)))));
    const { colours } = await library.ask.index({ query: { ...everyImage, trashed } });
    contents.push([...colours]);
  }
  return contents;
}

/** Pictures of every kind: rated, trashed, restored, private, of one millisecond, copied by hand. */
async function fill(library: Library): Promise<void> {
  const ids: string[] = [];
  for (let seed = 0; seed < 12; seed += 1) {
    const recipe = recipeOf({
      seed,
      prompt: `picture ${seed} 猫`,
      createdAt: 1_800_000_000_000 + Math.floor(seed / 4),
    });
    ids.push((await addPicture(library, recipe, { embedRecipe: seed % 5 !== 0 })).id);
  }
  // A file that moves while the background looks at it is looked at again only in the next run.
  await library.backgroundSettled();
  await rate(library, ids.slice(2, 6), 4);
  await rate(library, ids.slice(3, 4), 0);
  await trash(library, ids.slice(5, 9));
  await restore(library, ids.slice(6, 7));
}

function removeDatabase({ folder }: TemporaryLibrary): Promise<unknown> {
  return Promise.all(
    ['', '-wal', '-shm'].map((suffix) =>
      rm(path.join(folder, `library.sqlite${suffix}`), { force: true }),
    ),
  );
}

describe('rebuilding from files', () => {
  it('restores the database from the folder alone: ids, ratings, trash, recipes, order', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await fill(library);
    const before = await contentsOf(library);
    const finished = await library.finishedPictures(
      (before[1] as { recipe: { jobId: string } }).recipe.jobId,
    );
    await library.close();
    await removeDatabase(temporary);
    const again = await temporary.open();
    expect(await contentsOf(again)).toEqual(before);
    expect(
      await again.finishedPictures((before[1] as { recipe: { jobId: string } }).recipe.jobId),
    ).toEqual(finished);
    const trashed = await idsOf(again, { trashed: true });
    await restore(again, trashed);
    expect(await checkedReport(again)).toEqual(soundReport(12));
  });

  it('does the same while the library is open, showing how far it is', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await fill(library);
    const before = await contentsOf(library);
    const progress = [];
    for await (const step of library.rebuild(AbortSignal.timeout(20_000))) progress.push(step);
    expect(progress).toEqual(Array.from({ length: 13 }, (_, done) => ({ done, total: 12 })));
    expect(await contentsOf(library)).toEqual(before);
  });

  it('brings back what a damaged row says', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await fill(library);
    const before = await contentsOf(library);
    await library.close();
    const database = new DatabaseSync(path.join(temporary.folder, 'library.sqlite'));
    database.exec(
      `UPDATE images SET rating = 5 - rating; UPDATE image_texts SET recipe = '{', parameters = 'lies', raw_texts = '[';
       DELETE FROM images WHERE seq % 2 = 1`,
    );
    database.close();
    const again = await temporary.open();
    expect(await contentsOf(again)).not.toEqual(before);
    for await (const _step of again.rebuild(AbortSignal.timeout(20_000)));
    expect(await contentsOf(again)).toEqual(before);
  });

  it('keeps the old database when it is cancelled, and does not hold up what comes after', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await fill(library);
    const before = await contentsOf(library);
    const controller = new AbortController();
    const cancelled = (async () => {
      for await (const { done } of library.rebuild(controller.signal))
        if (done === 3) controller.abort();
    })();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(await contentsOf(library)).toEqual(before);
    for await (const { done } of library.rebuild(AbortSignal.timeout(20_000)))
      if (done === 2) break;
    const { id } = await addPicture(library, recipeOf({ createdAt: 1_900_000_000_000 }));
    expect((await idsOf(library))[0]).toBe(id);
    expect((await idsOf(library)).length).toBe((before[0] as number) + 1);
  });

  it('serves pages and takes pictures meanwhile', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    await fill(library);
    let added: Promise<unknown> = Promise.resolve();
    for await (const { done } of library.rebuild(AbortSignal.timeout(20_000))) {
      // Never a half of those that were there; the new one may come before the last of these steps is read.
      expect(await idsOf(library, { text: 'picture' })).toHaveLength(9);
      if (done === 5) added = addPicture(library, recipeOf({ seed: 100 }));
    }
    await added;
    expect((await idsOf(library)).length).toBe(10);
  });

  it('gives a copy made by hand a row of its own that shares the rating, but not the job', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const recipe = recipeOf();
    const { id } = await addPicture(library, recipe);
    await rate(library, [id], 3);
    await library.close();
    await copyFile(await pathOf(temporary, id), path.join(temporary.folder, 'images', 'copy.png'));
    const again = await temporary.open();
    const items = await summariesOf(again);
    expect(items.map(({ rating, contentHash }) => [rating, contentHash])).toEqual([
      [3, items[0]?.contentHash],
      [3, items[0]?.contentHash],
    ]);
    expect(await again.finishedPictures(recipe.jobId ?? '')).toEqual([{ index: 0, imageId: id }]);
    await rate(again, [id], 5);
    expect((await idsOf(again, { text: 'rating>=5' })).length).toBe(2);
  });

  it('uses a journal whose last line was cut off', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const { id } = await addPicture(library, recipeOf());
    await rate(library, [id], 3);
    await library.close();
    const journal = path.join(temporary.folder, 'library-journal.jsonl');
    await writeFile(journal, `${await readFile(journal, 'utf8')}{"hash":"${'0'.repeat(64)}","rati`);
    await removeDatabase(temporary);
    const again = await temporary.open();
    expect(await again.get(id)).toMatchObject({ rating: 3 });
    await rate(again, [id], 1);
    await again.close();
    await removeDatabase(temporary);
    expect(await (await temporary.open()).get(id)).toMatchObject({ rating: 1 });
  });

  it('cannot be led out of the library by a journal that someone else wrote', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const { id, contentHash } = await addPicture(library, recipeOf());
    await trash(library, [id]);
    await library.close();
    const line = JSON.stringify({ hash: contentHash, restorePath: 'images/../../escaped.png' });
    await writeFile(path.join(temporary.folder, 'library-journal.jsonl'), `${line}\n`);
    await removeDatabase(temporary);
    const again = await temporary.open();
    await restore(again, [id]);
    expect(path.relative(temporary.folder, (await again.get(id)).path)).toMatch(/^images.2026/);
  });
});

async function pathOf(temporary: TemporaryLibrary, id: string): Promise<string> {
  const library = await temporary.open();
  const { path: filePath } = await library.get(id);
  await library.close();
  return filePath;
}
