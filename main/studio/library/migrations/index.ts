/** The schema's history. Migrations that were released are never edited: a new one follows. */
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import type { ReadableDatabase, WritableDatabase } from '../database/connection.ts';
import { images } from './0001-images.ts';
import { catalogue } from './0002-catalogue.ts';
import { fillCatalogue } from './0002-fill.ts';
import { albumPlaces } from './0003-album-places.ts';
import { fillColours, pictureColours } from './0004-picture-colours.ts';

interface Migration {
  readonly sql: string;
  /** Moves what was there into what the SQL made. */
  readonly fill?: (database: WritableDatabase) => void;
}

/** By version, the first being version 1. */
const migrations: readonly Migration[] = [
  { sql: images },
  { sql: catalogue, fill: fillCatalogue },
  { sql: albumPlaces },
  { sql: pictureColours, fill: fillColours },
];

export const schemaVersion = migrations.length;

const VersionRow = z.object({ user_version: z.number().int() });

export function readSchemaVersion(database: ReadableDatabase): number {
  return database.get(VersionRow, 'PRAGMA user_version')?.user_version ?? 0;
}

/**
 * Brings a database to this program's schema, one transaction per step.
 * @throws {StudioError} `library-newer` without changing anything
 */
export function migrate(database: WritableDatabase, path: string): void {
  const found = readSchemaVersion(database);
  refuseNewer(found, path);
  for (const [index, { sql, fill }] of migrations.entries()) {
    const version = index + 1;
    if (version <= found) continue;
    database.transaction(() => {
      database.execute(sql);
      fill?.(database);
      database.execute(`PRAGMA user_version = ${version}`);
    });
  }
}

/** @throws {StudioError} `library-newer` */
export function refuseNewer(version: number, path: string): void {
  if (version <= schemaVersion) return;
  throw new StudioError(
    'library-newer',
    `This library was last used with a newer version of Atelier (its database has version ${version}, this program knows ${schemaVersion}). Nothing was changed. Update Atelier, or choose another library.`,
    { path, version, supported: schemaVersion },
  );
}
