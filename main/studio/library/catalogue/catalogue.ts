/**
 * All pictures of a library as columns in memory, kept up with what the other thread writes.
 *
 * Promises: every answer comes from one state of the database; a change costs what it changed, not
 * the whole library.
 */
import { z } from 'zod';
import type { ReadableDatabase } from '../database/connection.ts';
import {
  createDictionaries,
  mergeColumns,
  readColumns,
  type Columns,
  type Dictionaries,
} from './columns.ts';
import { NumberList } from '../number-list.ts';

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
}

const VersionRow = z.object({ data_version: z.number().int() });
const RevisionRow = z.object({ revision: z.number().int().nullable() });

/** More changed pictures than this are read as a whole. */
const maxSingleReads = 20_000;

export function openCatalogue(database: ReadableDatabase): Catalogue {
  const dictionaries = createDictionaries();
  let dataVersion = -1;
  let revision = -1;
  let current: CatalogueState | null = null;

  function next(columns: Columns): CatalogueState {
    return { columns, dictionaries, version: revision, derived: new Map() };
  }

  function refresh(before: CatalogueState | null): CatalogueState {
    const latest =
      database.get(RevisionRow, 'SELECT max(revision) AS revision FROM image_changes')?.revision ??
      0;
    if (before && latest === revision) return before;
    const changed = before
      ? (database.get(
          NumberList,
          `SELECT json_group_array(seq) AS numbers FROM
             (SELECT DISTINCT seq FROM image_changes WHERE revision > ? AND seq <> 0)`,
          [revision],
        )?.numbers ?? [])
      : [];
    revision = latest;
    if (!before || changed.length > maxSingleReads)
      return next(readColumns(database, dictionaries, null));
    // Albums alone: the pictures are as they were, what follows from them is not.
    if (changed.length === 0) return next(before.columns);
    const fresh = readColumns(database, dictionaries, changed);
    const there = new Set(fresh.seqs);
    const gone = new Set(changed.filter((seq) => !there.has(seq)));
    return next(mergeColumns(before.columns, gone, fresh));
  }

  return {
    state() {
      const found = database.get(VersionRow, 'PRAGMA data_version')?.data_version ?? 0;
      if (current && found === dataVersion) return current;
      current = database.snapshot(() => refresh(current));
      dataVersion = found;
      return current;
    },
  };
}

/** Computes a thing once per state. */
export function derivedOf<T>({ derived }: CatalogueState, name: string, compute: () => T): T {
  if (!derived.has(name)) derived.set(name, compute());
  return derived.get(name) as T;
}
