/**
 * Pictures from elsewhere: files and folders of this machine, files dropped onto a browser, folders that
 * are watched. Files are copied byte for byte; those of a content that the library has are not copied again.
 */
import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { AlbumId, ImageId, Timestamp } from './ids.ts';
import { ImageSummary, Tag } from './images.ts';
import { call, stream } from './rpc.ts';

export const importLimits = {
  /** Of one file. */
  bytes: 60_000_000,
  paths: 1000,
  tags: 50,
  watchedFolders: 50,
  /** Skipped files that a job shows; `imports.report` has them all. */
  shownSkips: 100,
} as const;

export const ImportId = z.uuid();
export type ImportId = z.infer<typeof ImportId>;
export const WatchedFolderId = z.uuid();
export type WatchedFolderId = z.infer<typeof WatchedFolderId>;

const AbsolutePath = z.string().min(1).max(4096);

/** What imported pictures get besides what their files say. */
export const ImportInto = z.object({
  albumId: AlbumId.nullable().default(null),
  tags: z.array(Tag).max(importLimits.tags).default([]),
});
export type ImportInto = z.infer<typeof ImportInto>;

export const ImportState = z.enum(['queued', 'running', 'done', 'cancelled', 'failed']);
export type ImportState = z.infer<typeof ImportState>;

export const ImportProgress = z.object({
  phase: z.enum(['scanning', 'importing']),
  /** Files that may be pictures, so far while scanning. */
  found: z.number().int(),
  /** Imported, known already, or skipped. */
  done: z.number().int(),
  imported: z.number().int(),
  duplicates: z.number().int(),
  skipped: z.number().int(),
  /** Of the files that were copied. */
  bytes: z.number().int(),
  /** Over the last seconds; null while unknown. */
  filesPerSecond: z.number().nullable(),
  remainingMs: z.number().nullable(),
});
export type ImportProgress = z.infer<typeof ImportProgress>;

/** A file that was left where it is, and why, in a sentence. */
export const ImportSkip = z.object({ path: z.string(), reason: z.string() });
export type ImportSkip = z.infer<typeof ImportSkip>;

export const ImportJob = z.object({
  id: ImportId,
  state: ImportState,
  origin: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('paths'), paths: z.array(z.string()) }),
    z.object({ kind: z.literal('watched'), folderId: WatchedFolderId, path: z.string() }),
  ]),
  into: ImportInto,
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
  progress: ImportProgress,
  /** The first ones. */
  skips: z.array(ImportSkip),
  /** Why it ended as a whole. */
  error: ErrorBody.nullable(),
});
export type ImportJob = z.infer<typeof ImportJob>;

export const ImportedFile = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('imported'), path: z.string(), imageId: ImageId }),
  /** The library has that content; its marks took up what the file's sidecars say. */
  z.object({
    outcome: z.literal('duplicate'),
    path: z.string(),
    imageId: ImageId,
    /** It lies in the trash, and stays there. */
    isTrashed: z.boolean(),
  }),
  z.object({ outcome: z.literal('skipped'), path: z.string(), reason: z.string() }),
]);
export type ImportedFile = z.infer<typeof ImportedFile>;

/** `missing` is taken up again when the folder is back. */
export const WatchedFolder = z.object({
  id: WatchedFolderId,
  path: z.string(),
  subfolders: z.boolean(),
  into: ImportInto,
  state: z.enum(['scanning', 'watching', 'missing', 'failed']),
  /** Why it is not watched; null while it is. */
  problem: z.string().nullable(),
  lastScanAt: Timestamp.nullable(),
  /** Pictures that came from it since it is watched. */
  imported: z.number().int(),
});
export type WatchedFolder = z.infer<typeof WatchedFolder>;

const OfJob = z.object({ id: ImportId });
const OfFolder = z.object({ id: WatchedFolderId });

export const importsContract = {
  /**
   * Files and folders, folders with all that is in them. On disk when this resolves; goes on after a restart.
   * @throws {StudioError} `bad-request` for a path that is not absolute or lies in the library
   */
  'imports.start': call(
    z.object({
      paths: z.array(AbsolutePath).min(1).max(importLimits.paths),
      into: ImportInto.prefault({}),
    }),
    ImportJob,
  ),
  /**
   * One file whose path this machine does not know, such as one dropped onto a browser.
   * @throws {StudioError} `unsupported` for what is no picture, `too-large`, `disk-full`, `library-read-only`
   */
  'imports.addFile': call(
    z.object({
      /** Without a folder; of its ending only the bytes decide. */
      name: z.string().max(1000),
      bytes: z
        .instanceof(Uint8Array)
        .refine(({ length }) => length <= importLimits.bytes, 'A picture can be at most 60 MB.'),
      modifiedAt: Timestamp.nullable().default(null),
      into: ImportInto.prefault({}),
    }),
    z.object({ outcome: z.enum(['imported', 'duplicate']), image: ImageSummary }),
  ),
  /** All jobs whenever one changes, newest first, at most 50. */
  'imports.watch': stream(z.object({}), z.array(ImportJob)),
  /** What was imported stays. */
  'imports.cancel': call(OfJob, ImportJob),
  /** From the list; its pictures stay. @throws {StudioError} `conflict` while it runs */
  'imports.remove': call(OfJob, z.object({})),
  /** What became of each file, in order. */
  'imports.report': call(
    OfJob.extend({
      outcome: z.enum(['all', 'imported', 'duplicate', 'skipped']).default('all'),
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().min(1).max(5000).default(500),
    }),
    z.object({ total: z.number().int(), files: z.array(ImportedFile) }),
  ),
  /** All watched folders whenever one changes, by path. */
  'imports.folders.watch': stream(z.object({}), z.array(WatchedFolder)),
  /** @throws {StudioError} `bad-request`: not absolute, no folder, in the library, watched already */
  'imports.folders.add': call(
    z.object({
      path: AbsolutePath,
      subfolders: z.boolean().default(true),
      into: ImportInto.prefault({}),
    }),
    WatchedFolder,
  ),
  'imports.folders.update': call(
    OfFolder.extend({ subfolders: z.boolean().optional(), into: ImportInto.optional() }),
    WatchedFolder,
  ),
  /** Pictures that came from it stay. */
  'imports.folders.remove': call(OfFolder, z.object({})),
  /** Looks through it now. */
  'imports.folders.scan': call(OfFolder, z.object({})),
} as const;
