/** Files of documents ⇄ the thread that reads and writes them, a new one for each. */
import { z } from 'zod';
import { documentFormats, originProfiles, pageSizes } from '../../../../contract/document-files.ts';
import { PackedDocument } from '../../../../contract/document-text.ts';
import { call, stream } from '../../../../contract/rpc.ts';
import type { Run, SceneChange } from '../../../../contract/scenes.ts';

/** A book as its scenes are kept; what it means is `Book`. */
const StoredBook = z.object({
  id: z.string(),
  title: z.string(),
  author: z.string(),
  language: z.string(),
  changedAt: z.number(),
  chapters: z.array(z.object({ title: z.string(), scenes: z.array(PackedDocument) })),
  runs: z.custom<readonly Run[]>(),
});
export type StoredBook = z.infer<typeof StoredBook>;

export const documentThreadContract = {
  /** @throws {StudioError} as `parseDocument` */
  read: call(
    z.object({ fileName: z.string(), bytes: z.instanceof(Uint8Array), at: z.number() }),
    z.object({
      title: z.string().nullable(),
      chapters: z.array(
        z.object({
          title: z.string(),
          words: z.number().int(),
          /** Of a new scene; a long one packed. */
          changes: z.custom<SceneChange[] | Uint8Array<ArrayBuffer>>(),
        }),
      ),
    }),
  ),
  /** The book to write. @returns content hashes of the pictures that it shows, each once */
  take: call(z.object({ book: StoredBook }), z.object({ pictures: z.array(z.string()) })),
  /** After `take`. @throws {StudioError} as `exportBook` */
  write: stream(
    z.object({
      format: z.enum(documentFormats),
      origins: z.enum(originProfiles),
      pageSize: z.enum(pageSizes),
      /** Where the file goes; it takes a name there that is free. */
      folder: z.string(),
      fileName: z.string(),
      /** Files of the book's pictures by their hashes; what is missing is not in the library any more. */
      pictures: z.record(z.string(), z.string()),
    }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('progress'), done: z.number(), total: z.number() }),
      z.object({
        kind: z.literal('done'),
        fileName: z.string(),
        path: z.string(),
        sizeBytes: z.number(),
        warnings: z.array(z.string()),
      }),
    ]),
  ),
  /** Answers once nothing is being written, also what was cancelled. */
  settled: call(z.object({}), z.object({})),
} as const;
