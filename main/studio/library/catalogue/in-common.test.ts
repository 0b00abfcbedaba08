import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { openReadable, openWritable } from '../database/connection.ts';
import { imageIdOf } from '../image-rows.ts';
import { migrate } from '../migrations/index.ts';
import { openCatalogue } from './catalogue.ts';
import { inCommon } from './in-common.ts';
import { hashOf, insertPicture } from './rows.fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'atelier-in-common-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = path.join(folder, 'library.sqlite');

it('what pictures have in common is what looking at each of them says', () => {
  using writable = openWritable(file);
  migrate(writable, file);
  const tagsOf = (index: number) =>
    ['Sea', 'castle', 'tag 10', 'tag 9'].filter((_tag, at) => (index * 7 + 3) % (at + 2) === 0);
  const pictures = Array.from({ length: 30 }, (_, at) => at + 1);
  for (const index of pictures) insertPicture(writable, index, tagsOf(index));
  writable.run("UPDATE images SET flag = 'pick' WHERE width > 80");
  writable.run("UPDATE images SET label = 'red'");
  using database = openReadable(file);
  const state = openCatalogue(database).state();
  const id = (index: number) => imageIdOf(hashOf(index), 0);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pictures)), fc.boolean(), (chosen, hasGone) => {
      const once = [...new Set(chosen)];
      const asked = [...chosen.map(id), ...(hasGone ? [crypto.randomUUID()] : [])];
      const tags = ['castle', 'Sea', 'tag 9', 'tag 10'].map((name) => ({
        name,
        count: once.filter((index) => tagsOf(index).includes(name)).length,
      }));
      const { flags, ...rest } = inCommon(state, asked);
      expect(rest).toEqual({
        count: once.length,
        ratings: [...new Set(once.map((index) => index % 6))].toSorted((a, b) => a - b),
        labels: once.length > 0 ? ['red'] : [],
        tags: tags.filter(({ count }) => count > 0),
      });
      expect(new Set(flags)).toEqual(
        new Set(once.map((index) => (64 + index > 80 ? 'pick' : null))),
      );
    }),
  );
});

it('pictures whose ids begin the same are told apart', () => {
  using writable = openWritable(path.join(folder, 'alike.sqlite'));
  migrate(writable, file);
  const ids = ['0', '1', '2'].map((digit) => `00000000-0000-8000-8000-00000000000${digit}`);
  for (const [at, id] of ids.entries()) {
    insertPicture(writable, at + 1, [`tag ${at}`]);
    writable.run('UPDATE images SET id = ? WHERE width = ?', [id, 65 + at]);
  }
  using database = openReadable(path.join(folder, 'alike.sqlite'));
  const state = openCatalogue(database).state();
  const tagsOf = (...asked: string[]) => inCommon(state, asked).tags.map(({ name }) => name);
  expect(tagsOf(ids[1] ?? '')).toEqual(['tag 1']);
  expect(tagsOf(...ids)).toEqual(['tag 0', 'tag 1', 'tag 2']);
  expect(tagsOf(ids[2] ?? '', ids[0] ?? '')).toEqual(['tag 0', 'tag 2']);
});
