import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openReadable, openWritable } from '../database/connection.ts';
import { migrate } from '../migrations/index.ts';
import { openCatalogue, type CatalogueState } from './catalogue.ts';
import { codedColumns } from './columns.ts';
import { unpackColumns } from './packed-columns.ts';
import { insertPicture } from './rows.fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'atelier-packed-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** With texts in place of codes, which two catalogues may give differently. */
function toldOf({ columns: { coded, ...numbers }, dictionaries }: CatalogueState) {
  const texts = codedColumns.map((name) =>
    Array.from(coded[name], (code) => dictionaries[name].texts[code]),
  );
  return { ...numbers, texts };
}

describe('packed columns', () => {
  it('open as the rows stand, whatever changed since they were packed', () => {
    const file = path.join(folder, 'changed.sqlite');
    using writable = openWritable(file);
    migrate(writable, file);
    for (let index = 1; index <= 9; index += 1)
      insertPicture(writable, index, ['Größe', `tag ${index}`]);
    {
      using database = openReadable(file);
      const packed = openCatalogue(database).packed();
      if (!packed) throw new Error('Nothing was packed.');
      writable.run('INSERT INTO packed_columns VALUES (1, ?, ?)', [
        packed.revision,
        packed.columns,
      ]);
      writable.run('DELETE FROM image_changes WHERE revision <= ?', [packed.revision]);
    }
    writable.run('DELETE FROM images WHERE width = 67');
    writable.run("UPDATE images SET rating = 5, tags = 'new' WHERE width = 68");
    writable.run("UPDATE images SET model = 'Another' WHERE width = 69");
    writable.run('UPDATE images SET colour = 4278190335 WHERE width = 70');
    insertPicture(writable, 20, ['late']);
    using database = openReadable(file);
    const opened = openCatalogue(database);
    const told = toldOf(opened.state());
    expect(opened.packed()).toBeNull();
    writable.run('DELETE FROM packed_columns');
    using again = openReadable(file);
    expect(told).toEqual(toldOf(openCatalogue(again).state()));
    expect(told.seqs).toHaveLength(9);
    expect([...told.colours]).toContain(4_278_190_335);
  });

  it('that are damaged are made from the rows', () => {
    const file = path.join(folder, 'damaged.sqlite');
    using writable = openWritable(file);
    migrate(writable, file);
    insertPicture(writable, 1);
    using database = openReadable(file);
    const packed = openCatalogue(database).packed();
    if (!packed) throw new Error('Nothing was packed.');
    writable.run('INSERT INTO packed_columns VALUES (1, ?, ?)', [
      packed.revision,
      packed.columns.subarray(0, -1),
    ]);
    using again = openReadable(file);
    expect(openCatalogue(again).state().columns.seqs).toHaveLength(1);
  });

  it('are nothing where the bytes are anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(unpackColumns(bytes)).toBeNull();
      }),
    );
  });
});
