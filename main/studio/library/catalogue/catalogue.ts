/**
 * All pictures of a library as columns in memory, kept up with what the other thread writes.
 *
 * Promises: every answer comes from one state of the database; a change costs what it changed, not
 * the whole library; opening costs what changed since the columns were packed.
 */
import { z } from 'zod';
import { isDamagedDatabase } from '../../storage-error.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import {
  createDictionaries,
  mergeColumns,
  readColumns,
  type Columns,
  type Dictionaries,
} from './columns.ts';
import { NumberList } from '../number-list.ts';
import { packColumns, unpackColumns } from './packed-columns.ts';

export interface CatalogueState {
  readonly columns: Columns;
  readonly dictionaries: Dictionaries;
  /** Rises with every change of pictures or albums. */
  readonly version: number;
  /** What was computed from this state, by name; gone with it. */
  readonly derived: Map<string, unknown>;
}

export interface Catalogue {
  /** As the database stands now. */
  state(): CatalogueState;
  /** All columns, for the next opening; null while those that are kept are nearly as good. */
  packed(): PackedCatalogue | null;
}

export interface PackedCatalogue {
  readonly revision: number;
  readonly columns: Uint8Array<ArrayBuffer>;
}

const VersionRow = z.object({ data_version: z.number().int() });
const RevisionRow = z.object({ revision: z.number().int() });
const CountRow = z.object({ found: z.number().int() });
const PackedRow = z.object({
  revision: z.number().int(),
  columns: z.instanceof(Uint8Array<ArrayBufferLike>),
});

/** More changed pictures than this are read as a whole. */
const maxSingleReads = 20_000;
/** Fewer changes than this are read again at the next opening, which takes some milliseconds. */
const minChangesToPack = 1000;

export function openCatalogue(database: ReadableDatabase): Catalogue {
  let dictionaries = createDictionaries();
  let dataVersion = -1;
  let revision = -1;
  let packedRevision = -1;
  let current: CatalogueState | null = null;

  function next(columns: Columns): CatalogueState {
    return { columns, dictionaries, version: revision, derived: new Map() };
  }

  /** As they were packed; null where they were not, or cannot be read. */
  function lastPacked(): CatalogueState | null {
    const row = packedRow();
    const unpacked = row && unpackColumns(row.columns);
    if (!unpacked) return null;
    ({ dictionaries } = unpacked);
    ({ revision } = row);
    packedRevision = revision;
    return next(unpacked.columns);
  }

  function packedRow(): z.infer<typeof PackedRow> | undefined {
    try {
      return database.get(PackedRow, 'SELECT revision, columns FROM packed_columns');
    } catch (error) {
      // They are made from the rows where these can be read.
      if (isDamagedDatabase(error)) return undefined;
      throw error;
    }
  }

  /** Whether each change since is in the list: not where the database was made anew. */
  function knowsAllSince(first: number, latest: number): boolean {
    const sql = 'SELECT count(*) AS found FROM image_changes WHERE revision > ?';
    return database.get(CountRow, sql, [first])?.found === latest - first;
  }

  function refresh(known: CatalogueState | null): CatalogueState {
    // The highest that was ever given, also when the changes themselves were taken away.
    const latest =
      database.get(
        RevisionRow,
        "SELECT seq AS revision FROM sqlite_sequence WHERE name = 'image_changes'",
      )?.revision ?? 0;
    const before = known ?? lastPacked();
    if (before && latest === revision) return before;
    const isKnown = before !== null && knowsAllSince(revision, latest);
    const changed = isKnown
      ? (database.get(
          NumberList,
          `SELECT json_group_array(seq) AS numbers FROM
             (SELECT DISTINCT seq FROM image_changes WHERE revision > ? AND seq <> 0)`,
          [revision],
        )?.numbers ?? [])
      : [];
    revision = latest;
    if (!isKnown || changed.length > maxSingleReads) {
      return next(readColumns(database, dictionaries, null));
    }
    // Albums alone: the pictures are as they were, what follows from them is not.
    if (changed.length === 0) return next(before.columns);
    const fresh = readColumns(database, dictionaries, changed);
    const there = new Set(fresh.seqs);
    const gone = new Set(changed.filter((seq) => !there.has(seq)));
    return next(mergeColumns(before.columns, gone, fresh));
  }

  function state(): CatalogueState {
    const found = database.get(VersionRow, 'PRAGMA data_version')?.data_version ?? 0;
    if (current && found === dataVersion) return current;
    current = database.snapshot(() => refresh(current));
    dataVersion = found;
    return current;
  }

  return {
    state,
    packed() {
      const { columns, version } = state();
      if (packedRevision >= 0 && version - packedRevision < minChangesToPack) return null;
      packedRevision = version;
      return { revision: version, columns: packColumns(columns, dictionaries) };
    },
  };
}

/** Computes a thing once per state. */
export function derivedOf<T>({ derived }: CatalogueState, name: string, compute: () => T): T {
  if (!derived.has(name)) derived.set(name, compute());
  return derived.get(name) as T;
}
