import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openReadable, openWritable } from './database/connection.ts';
import { migrate, readSchemaVersion, schemaVersion } from './migrations/index.ts';

it('a readable handle cannot write', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-queries-'));
  const file = path.join(folder, 'library.sqlite');
  {
    using writable = openWritable(file);
    migrate(writable, file);
    expect(readSchemaVersion(writable)).toBe(schemaVersion);
  }
  {
    using database = openReadable(file);
    expect(() => database.all(z.unknown(), 'DELETE FROM images RETURNING id')).toThrow(/readonly/);
  }
  rmSync(folder, { recursive: true });
});
