/** The library's main-thread face ⇄ the thread that reads all of it: for checks and copies. */
import { z } from 'zod';
import { CareProgress } from '../../../../contract/care.ts';
import { stream } from '../../../../contract/rpc.ts';
import { Problem } from './problem.ts';

const CheckEvent = z.discriminatedUnion('kind', [
  CareProgress,
  z.object({ kind: z.literal('problem'), problem: Problem }),
  /** Last. */
  z.object({ kind: z.literal('counted'), images: z.number().int(), trashed: z.number().int() }),
]);
export type CheckEvent = z.infer<typeof CheckEvent>;

export const careThreadContract = {
  check: stream(z.object({ folder: z.string() }), CheckEvent),
} as const;
