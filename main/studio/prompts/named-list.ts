/**
 * Things that a person keeps by name, as a JSON file of the library.
 *
 * Promises: what `put` and `remove` resolved for survives the death of the machine; a file that
 * cannot be read is never overwritten.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { writeFileDurably } from '../durable-file.ts';
import { storageError, systemCode } from '../storage-error.ts';

export interface NamedList<T extends { readonly name: string }> {
  /** By name. @throws {StudioError} `bad-request` if the file is damaged */
  all(): Promise<T[]>;
  /** Adds, or replaces what has that name. @throws {StudioError} `disk-full`, `library-read-only` */
  put(item: T): Promise<T[]>;
  /** Nothing happens if there is none of that name. */
  remove(name: string): Promise<T[]>;
}

export function createNamedList<T extends { readonly name: string }>(
  file: string,
  schema: z.ZodType<T>,
): NamedList<T> {
  let tail: Promise<unknown> = Promise.resolve();

  async function read(): Promise<T[]> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw storageError(error, file);
    }
    try {
      return z.array(schema).parse(JSON.parse(text));
    } catch (cause) {
      throw new StudioError(
        'bad-request',
        `"${file}" is damaged. Mend it or move it away, and try again.`,
        { file },
        { cause },
      );
    }
  }

  /** Changes wait for each other, so that none is lost. */
  function change(next: (items: readonly T[]) => readonly T[]): Promise<T[]> {
    const changed = tail.then(async () => {
      const items = next(await read()).toSorted((a, b) => a.name.localeCompare(b.name));
      await writeFileDurably(file, `${JSON.stringify(items, null, 2)}\n`).catch(
        (error: unknown) => {
          throw storageError(error, file);
        },
      );
      return items;
    });
    tail = changed.catch(() => {});
    return changed;
  }

  return {
    all: () => tail.then(read),
    put: (item) => change((items) => [...items.filter(({ name }) => name !== item.name), item]),
    remove: (name) => change((items) => items.filter((item) => item.name !== name)),
  };
}
