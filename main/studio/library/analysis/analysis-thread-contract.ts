/** The studio's main thread ⇄ the thread that analyses pictures. */
import { z } from 'zod';
import { call } from '../../../../contract/rpc.ts';

export const analysisThreadContract = {
  /** u8 [64,64,3] to what `serialiseAnalysis` makes. */
  analyse: call(
    z.object({ rgb: z.instanceof(Uint8Array) }),
    z.object({ analysis: z.instanceof(Uint8Array) }),
  ),
} as const;
