/**
 * Handles on the library's database.
 *
 * Promises: a readable handle cannot write, by type and by SQLite's own read-only mode; statements
 * are prepared once; every row is parsed before anyone sees it.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { z } from 'zod';

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
}

/** Milliseconds to wait for another connection's write. */
const busyTimeoutMs = 5000;

/** @throws {Error} SQLite's own; see `storageError` */
export function openReadable(path: string): ReadableDatabase {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  return readableOf(database);
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
  return {
    ...readableOf(database),
    run: (sql, parameters = []) => Number(statement(sql).run(...parameters).changes),
    execute: (sql) => database.exec(sql),
    transaction(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
  };
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

function readableOf(database: DatabaseSync): ReadableDatabase {
  const statement = statementsOf(database);
  return {
    all: (row, sql, parameters = []) =>
      statement(sql)
        .all(...parameters)
        .map((found) => row.parse(found)),
    get(row, sql, parameters = []) {
      const found = statement(sql).get(...parameters);
      return found === undefined ? undefined : row.parse(found);
    },
    *each(row, sql, parameters = []) {
      // A statement of its own: a shared one would be reset by another reader between two rows.
      for (const found of database.prepare(sql).iterate(...parameters)) yield row.parse(found);
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
