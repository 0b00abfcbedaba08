/** Reads and writes files of documents: long work for a long book, in a thread that holds nobody up. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { z } from 'zod';
import { unpackDocument } from '../../../../contract/document-text.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { pack } from '../../../../contract/packed.ts';
import type { Handlers } from '../../../../contract/rpc.ts';
import { documentSchema } from '../document-schema.ts';
import type { Book, BookPicture } from '../export/book.ts';
import { exportBook } from '../export/export-book.ts';
import { pictureHashes } from '../export/gather-pictures.ts';
import { parseDocument } from '../import/read-document.ts';
import { countDocumentWords } from '../plain-text.ts';
import { firstText } from '../scene/first-text.ts';
import type { documentThreadContract, StoredBook } from './document-thread-contract.ts';
import { underFreeName } from './free-name.ts';

type WriteEvent = z.infer<typeof documentThreadContract.write.item>;

export function createDocumentThread(): Handlers<typeof documentThreadContract> {
  let book: Book | null = null;
  let writing: Promise<void> = Promise.resolve();
  return {
    read: async ({ fileName, bytes, at }) => {
      const { title, chapters } = await parseDocument(bytes, fileName);
      return {
        title,
        chapters: chapters.map(({ title, text }) => ({
          title,
          words: countDocumentWords(text),
          changes: pack([firstText(text.content, at)]),
        })),
      };
    },
    take: async (input) => {
      book = bookOf(input.book);
      return { pictures: pictureHashes(book) };
    },
    write: ({ format, origins, pageSize, folder, fileName, pictures }, { signal }) => {
      if (!book) throw new StudioError('internal', 'There is no book to write.');
      const taken = book;
      const reports = createReports<WriteEvent>();
      const warnings: string[] = [];
      writing = underFreeName(folder, fileName, (file) =>
        exportBook(
          taken,
          { format, path: file, replaces: false, pageSize },
          {
            signal,
            origins,
            picture: (hash) => readPicture(pictures[hash]),
            onProgress: (done, total) => reports.add({ kind: 'progress', done, total }),
            warn: (message) => void warnings.push(message),
          },
        ),
      ).then(
        ({ fileName, path, written }) => {
          reports.add({ kind: 'done', fileName, path, sizeBytes: written.sizeBytes, warnings });
          reports.end();
        },
        (error: unknown) => reports.end(StudioError.from(error)),
      );
      return reports.events();
    },
    settled: async () => {
      await writing;
      return {};
    },
  };
}

function bookOf({ chapters, runs, ...about }: StoredBook): Book {
  return {
    ...about,
    chapters: chapters.map(({ title, scenes }) => ({
      title,
      scenes: scenes.map((scene) => documentSchema.nodeFromJSON(unpackDocument(scene))),
    })),
    runs: new Map(runs.map((run) => [run.id, run])),
  };
}

/** @returns null where it is gone */
async function readPicture(file: string | undefined): Promise<BookPicture | null> {
  const bytes = file === undefined ? null : await readFile(file).catch(() => null);
  if (bytes === null) return null;
  const { width, height, format } = await sharp(bytes).metadata();
  if (format === 'png' || format === 'jpeg')
    return { bytes, mimeType: format === 'png' ? 'image/png' : 'image/jpeg', width, height };
  return { bytes: await sharp(bytes).png().toBuffer(), mimeType: 'image/png', width, height };
}

/** What work that runs beside its reader tells of itself. */
function createReports<T>() {
  let waiting: T[] = [];
  let wake: () => void = () => {};
  let ended: { readonly error: StudioError | undefined } | null = null;
  return {
    add(event: T): void {
      waiting.push(event);
      wake();
    },
    end(error?: StudioError): void {
      ended = { error };
      wake();
    },
    async *events(): AsyncGenerator<T> {
      for (;;) {
        const events = waiting;
        waiting = [];
        yield* events;
        if (waiting.length > 0) continue;
        if (ended?.error !== undefined) throw ended.error;
        if (ended) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
