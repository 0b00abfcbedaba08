import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { addPicture, idsOf, recipeOf, temporaryLibrary } from '../library.fixture.ts';
import { images } from './0001-images.ts';

it('a library of the first version keeps everything, and is found by all that its recipes say', async () => {
  await using temporary = await temporaryLibrary();
  mkdirSync(temporary.folder, { recursive: true });
  const recipe = recipeOf({ prompt: 'old castle', seed: 42 });
  const parameters =
    'red apple <lora:film:0.8>\nNegative prompt: dull\nSteps: 31, Sampler: Euler a, CFG scale: 5.5, Seed: 9, Model: dreamy';
  {
    using database = new DatabaseSync(path.join(temporary.folder, 'library.sqlite'));
    database.exec(`${images} PRAGMA user_version = 1;`);
    const insert = database.prepare(
      `INSERT INTO images (seq, id, content_hash, path, restore_path, trashed, rating, created_at, width, height,
         size_bytes, prompt, negative_prompt, model, recipe, parameters, job_id, picture_index)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 64, 64, 9, '', '', '', ?, ?, ?, ?)`,
    );
    const id = (digit: string) => `${digit.repeat(8)}-0000-8000-8000-000000000000`;
    const at = recipe.createdAt;
    insert.run(
      at * 1000,
      id('a'),
      'a'.repeat(64),
      'images/a.png',
      null,
      0,
      4,
      at,
      JSON.stringify(recipe),
      null,
      recipe.jobId,
      0,
    );
    insert.run(
      5000,
      id('b'),
      'b'.repeat(64),
      'trash/b.png',
      'images/b.png',
      1,
      2,
      5,
      null,
      parameters,
      null,
      null,
    );
    insert.run(6000, id('c'), 'c'.repeat(64), 'images/c.png', null, 0, 0, 6, '{', null, null, null);
  }
  const library = await temporary.open();
  const [a, c] = await idsOf(library);
  expect(await library.get(a ?? '')).toMatchObject({
    recipe,
    rating: 4,
    source: 'drawn',
    program: 'atelier',
    prompt: 'old castle',
  });
  expect(await library.get(c ?? '')).toMatchObject({
    recipe: null,
    source: 'imported',
    program: null,
  });
  expect(await library.finishedPictures(recipe.jobId ?? '')).toEqual([{ index: 0, imageId: a }]);
  expect(await idsOf(library, { text: 'castle seed:42 sampler:dpmpp-2m rating>=4' })).toEqual([a]);
  const trashed = { trashed: true };
  const [b] = await idsOf(library, trashed);
  const told =
    'apple lora:film model=dreamy steps:31 cfg:5.5 sampler:"euler a" rating:2 negative:dull';
  expect(await idsOf(library, { text: `${told} program:web-ui`, ...trashed })).toEqual([b]);
  expect(await idsOf(library, { text: 'is:missing' })).toEqual([a, c]);
});

it('a library of the second version keeps its albums by name, and has the colours that were seen', async () => {
  await using temporary = await temporaryLibrary();
  const library = await temporary.open();
  await addPicture(library, recipeOf());
  await library.backgroundSettled();
  for (const name of ['b', 'A']) await library.change.createAlbum({ name });
  const { colours } = await library.ask.index({});
  expect(colours[3]).toBe(255);
  await library.close();
  {
    using database = new DatabaseSync(path.join(temporary.folder, 'library.sqlite'));
    database.exec(
      `DROP TRIGGER changed_by_update; ALTER TABLE images DROP COLUMN colour;
       CREATE TRIGGER changed_by_update AFTER UPDATE OF rating ON images BEGIN
         INSERT INTO image_changes (seq) VALUES (new.seq);
       END;
       ALTER TABLE albums DROP COLUMN place; PRAGMA user_version = 2;`,
    );
  }
  const again = await temporary.open();
  expect((await again.ask.index({})).colours).toEqual(colours);
  expect((await again.ask.albums({})).albums.map(({ name }) => name)).toEqual(['A', 'b']);
});
