/** Keeping a library sound: the doctor, backups, and two libraries that become one. */
import { z } from 'zod';
import { Timestamp } from './ids.ts';
import { stream, call } from './rpc.ts';

export const findingKinds = [
  /** A picture whose file is gone. */
  'missing-file',
  /** A file that the database does not know. */
  'orphan-file',
  /** A file with another content than the database says. */
  'changed-file',
  /** A file in a picture folder that is no picture, or not all of one. */
  'unreadable-file',
  /** A row that cannot be read, or says of its file what is not so. */
  'bad-row',
  /** What an interrupted write left. */
  'temporary-file',
  /** Lines of the journals that cannot be read, or that the database does not know. */
  'journal',
  /** Members of albums that are no pictures of the library. */
  'album-member',
  /** Words that are found where they do not stand, or the other way round. */
  'search-index',
  'database',
] as const;
export const FindingKind = z.enum(findingKinds);
export type FindingKind = z.infer<typeof FindingKind>;

export const Finding = z.object({
  kind: FindingKind,
  /** The file, relative to the library, or what else it is about. */
  subject: z.string(),
  /** What is wrong, in a sentence. */
  message: z.string(),
  /** What was done; of a check what a fix would do; null where only a person can do something. */
  remedy: z.string().nullable(),
  isMended: z.boolean(),
});
export type Finding = z.infer<typeof Finding>;

export const CareReport = z.object({
  images: z.number().int(),
  trashed: z.number().int(),
  /** The first 5,000. */
  findings: z.array(Finding),
  /** Of all, those that are not mended among them. */
  found: z.number().int(),
  mended: z.number().int(),
});
export type CareReport = z.infer<typeof CareReport>;

export const CareProgress = z.object({
  kind: z.literal('progress'),
  phase: z.enum(['database', 'files', 'pictures', 'marks', 'mending', 'verifying']),
  done: z.number().int(),
  /** 0 while unknown. */
  total: z.number().int(),
});
export type CareProgress = z.infer<typeof CareProgress>;

const CareEvent = z.discriminatedUnion('kind', [
  CareProgress,
  z.object({ kind: z.literal('report'), report: CareReport }),
]);

export const BackupInfo = z.object({
  createdAt: Timestamp,
  pictures: z.number().int(),
  bytes: z.number().int(),
  /** Folder of the library that it was made of. */
  library: z.string(),
  /** Whether the last backup into it was ended before it was whole; the one before is kept. */
  isInterrupted: z.boolean(),
});
export type BackupInfo = z.infer<typeof BackupInfo>;

/** What copying between a library and another folder came to. */
export const CopyReport = z.object({
  /** Pictures that were copied. */
  pictures: z.number().int(),
  bytes: z.number().int(),
  /** Pictures that were there already. */
  alreadyThere: z.number().int(),
  /** Pictures whose marks changed. */
  marks: z.number().int(),
  albums: z.number().int(),
  /** What could not be taken over, in sentences. */
  problems: z.array(z.string()),
});
export type CopyReport = z.infer<typeof CopyReport>;

const CopyEvent = z.discriminatedUnion('kind', [
  CareProgress,
  z.object({ kind: z.literal('done'), report: CopyReport }),
]);

const Folder = z.object({
  /** Absolute, on this machine. */
  folder: z.string().min(1).max(4096),
});

/** Leaving a stream early, or aborting it, ends the work; what is whole by then stays. */
export const careContract = {
  /** Reads every file and changes nothing. */
  'library.check': stream(z.object({}), CareEvent),
  /** Mends what a check finds. Nothing that a person made is thrown away: what cannot be kept in place is put into the trash. */
  'library.fix': stream(z.object({}), CareEvent),
  /**
   * A copy of everything that one made: pictures, marks, albums, documents. Made again into the same folder
   * it copies what is new; until it is whole the backup before stays valid.
   * @throws {StudioError} `bad-request` for a folder that holds something else or lies in the library,
   *   `disk-full`, `library-read-only`, `not-found` where it goes away meanwhile
   */
  'library.backup': stream(Folder, CopyEvent),
  /** Null where the folder holds no backup. */
  'library.backupInfo': call(Folder, z.object({ backup: BackupInfo.nullable() })),
  /** Brings back what a backup has and this library has not; nothing is overwritten. @throws {StudioError} `not-found` */
  'library.restore': stream(Folder, CopyEvent),
  /**
   * Takes over another library's pictures, marks and albums. Of each mark the newer one wins.
   * @throws {StudioError} `not-found`, `library-locked` while another program has it, `library-newer`
   */
  'library.merge': stream(Folder, CopyEvent),
} as const;
