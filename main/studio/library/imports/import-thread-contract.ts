/** The importer's main-thread face ⇄ its thread, which finds, reads and copies files. */
import { z } from 'zod';
import { ImportSkip } from '../../../../contract/imports.ts';
import { call, stream } from '../../../../contract/rpc.ts';
import { Incoming } from '../take-pictures.ts';

export const SourceFile = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string() }),
  z.object({
    kind: z.literal('bytes'),
    name: z.string(),
    bytes: z.instanceof(Uint8Array),
    modifiedAt: z.number(),
  }),
]);
export type SourceFile = z.infer<typeof SourceFile>;

/** A file with what tells whether it changed. */
export const SeenFile = z.object({ path: z.string(), size: z.number(), mtimeMs: z.number() });
export type SeenFile = z.infer<typeof SeenFile>;

export const Prepared = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('ready'), incoming: Incoming, sizeBytes: z.number().int() }),
  z.object({
    outcome: z.literal('skipped'),
    reason: z.string(),
    /** Whether its size alone is the reason. */
    isTooLarge: z.boolean(),
  }),
]);
export type Prepared = z.infer<typeof Prepared>;

export const importThreadContract = {
  /** Before anything else, once. */
  open: call(
    z.object({
      libraryFolder: z.string(),
      /** Whether copies that lie about are of an earlier run, and are removed. */
      isFirst: z.boolean(),
    }),
    z.object({}),
  ),
  /** See `findFiles`; in batches. */
  find: stream(
    z.object({ paths: z.array(z.string()), subfolders: z.boolean() }),
    z.object({ files: z.array(z.string()), skips: z.array(ImportSkip) }),
  ),
  /** The same with sizes and dates, of one folder. @throws {StudioError} `not-found` while it is gone */
  look: call(
    z.object({ folder: z.string(), subfolders: z.boolean() }),
    z.object({ files: z.array(SeenFile) }),
  ),
  /** Reads a file and makes a durable copy on the library's disk. @throws {StudioError} `disk-full`, `library-read-only` */
  prepare: call(z.object({ source: SourceFile }), Prepared),
  /** An item whenever something may have changed in a folder; ends where it cannot be watched. */
  changes: stream(z.object({ folder: z.string(), subfolders: z.boolean() }), z.object({})),
} as const;
