/**
 * Handles on the library's database.
 *
 * Promises: a readable handle cannot write, by type and by SQLite's own read-only mode; statements
 * are prepared once; every row is parsed before anyone sees it; that the file is damaged is told in
 * words, wherever it is met.
 */
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { z } from 'zod';
import { isDamagedDatabase, storageError } from '../../storage-error.ts';

type Parameters = readonly SQLInputValue[];

export interface ReadableDatabase extends Disposable {
  /** All rows, parsed. */
  all<T>(row: z.ZodType<T>, sql: string, parameters?: Parameters): T[];
  /** The first row, parsed; undefined when there is none. */
  get<T>(row: z.ZodType<T>, sql: string, parameters?: Parameters): T | undefined;
  /** Rows one by one. */
  each<T>(row: z.ZodType<T>, sql: string, parameters?: Parameters): IterableIterator<T>;
  /** Runs the work so that all of its questions are answered from one state. */
  snapshot<T>(work: () => T): T;
}

export interface WritableDatabase extends ReadableDatabase {
  /** @returns how many rows changed */
  run(sql: string, parameters?: Parameters): number;
  /** Several statements at once, without parameters. */
  execute(sql: string): void;
  /** Runs the work in one transaction; rolls back if it throws. */
  transaction<T>(work: () => T): T;
  /** Writes all of it in the place of another database; those who have that one open see all of it or nothing. */
  replace(path: string): Promise<void>;
}

/** Milliseconds to wait for another connection's write. */
const busyTimeoutMs = 5000;

/** @throws {Error} SQLite's own; see `storageError` */
export function openReadable(path: string): ReadableDatabase {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  return readableOf(database, path);
}

/** Creates the file if need be. @throws {Error} SQLite's own; see `storageError` */
export function openWritable(path: string): WritableDatabase {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // FULL: a row that was promised is there after a power cut as well.
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;',
    );
  } catch (error) {
    database.close();
    throw error;
  }
  const statement = statementsOf(database);
  const execute = (sql: string) => toldOf(path, () => database.exec(sql));
  return {
    ...readableOf(database, path),
    run: (sql, parameters = []) =>
      toldOf(path, () => Number(statement(sql).run(...parameters).changes)),
    execute,
    transaction(work) {
      execute('BEGIN IMMEDIATE');
      try {
        const result = work();
        execute('COMMIT');
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    async replace(target) {
      await backup(database, target);
    },
  };
}

function toldOf<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isDamagedDatabase(error) ? storageError(error, path) : error;
  }
}

function statementsOf(database: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
}

function readableOf(database: DatabaseSync, path: string): ReadableDatabase {
  const statement = statementsOf(database);
  return {
    all: (row, sql, parameters = []) =>
      toldOf(path, () => statement(sql).all(...parameters)).map((found) => row.parse(found)),
    get(row, sql, parameters = []) {
      const found = toldOf(path, () => statement(sql).get(...parameters));
      return found === undefined ? undefined : row.parse(found);
    },
    *each(row, sql, parameters = []) {
      // A statement of its own: a shared one would be reset by another reader between two rows.
      const rows = toldOf(path, () => database.prepare(sql).iterate(...parameters));
      for (;;) {
        const { done, value } = toldOf(path, () => rows.next());
        if (done === true) return;
        yield row.parse(value);
      }
    },
    snapshot(work) {
      if (database.isTransaction) return work();
      database.exec('BEGIN');
      try {
        return work();
      } finally {
        database.exec('COMMIT');
      }
    },
    [Symbol.dispose]() {
      if (database.isOpen) database.close();
    },
  };
}
