/** The library's main-thread face ⇄ the thread that reads all of it: for checks and copies. */
import { z } from 'zod';
import { BackupInfo, CareProgress, CopyReport } from '../../../../contract/care.ts';
import { call, stream } from '../../../../contract/rpc.ts';
import { StoredAlbum } from '../albums-journal.ts';
import { Mark } from '../marks-journal.ts';
import { Problem } from './problem.ts';

const CheckEvent = z.discriminatedUnion('kind', [
  CareProgress,
  z.object({ kind: z.literal('problem'), problem: Problem }),
  /** Last. */
  z.object({ kind: z.literal('counted'), images: z.number().int(), trashed: z.number().int() }),
]);
export type CheckEvent = z.infer<typeof CheckEvent>;

const Done = z.object({ kind: z.literal('done'), report: CopyReport });

const BringEvent = z.discriminatedUnion('kind', [
  CareProgress,
  z.object({ kind: z.literal('marks'), marks: z.array(Mark) }),
  z.object({ kind: z.literal('albums'), albums: z.array(StoredAlbum) }),
  /** Pictures that lie in the library by now and have no rows yet. */
  z.object({ kind: z.literal('files'), files: z.array(z.string()) }),
  /** Last; of marks and albums the writing thread knows. */
  Done,
]);
export type BringEvent = z.infer<typeof BringEvent>;

/** `library` is this one, `folder` the other. */
const Both = z.object({ library: z.string(), folder: z.string() });

export const careThreadContract = {
  check: stream(z.object({ folder: z.string() }), CheckEvent),
  backUp: stream(Both, z.discriminatedUnion('kind', [CareProgress, Done])),
  backupInfo: call(z.object({ folder: z.string() }), z.object({ backup: BackupInfo.nullable() })),
  bringBackup: stream(Both, BringEvent),
  bringLibrary: stream(Both.extend({ host: z.string() }), BringEvent),
} as const;
