/**
 * The seven frames of the wire, under either transport.
 *
 * Caller → callee: `call` starts a procedure under a new id, `cancel` ends it early, `credit`
 * allows that many more stream items. Callee → caller: `result` answers a call, `item` carries one
 * stream item, `end` closes a stream, `error` fails either. Every id is answered exactly once by
 * `result`, `end` or `error`; nothing follows that answer.
 */
import { z } from 'zod';
import { ErrorBody } from '../errors.ts';

const FrameId = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** How many items a callee may send before the caller has consumed one. */
export const initialCredit = 16;

export const CallerFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('call'),
    id: FrameId,
    name: z.string().max(100),
    input: z.unknown(),
  }),
  z.strictObject({ type: z.literal('cancel'), id: FrameId }),
  z.strictObject({
    type: z.literal('credit'),
    id: FrameId,
    items: z.number().int().min(1).max(1_000_000),
  }),
]);
export type CallerFrame = z.infer<typeof CallerFrame>;

export const CalleeFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('result'), id: FrameId, output: z.unknown() }),
  z.strictObject({ type: z.literal('item'), id: FrameId, item: z.unknown() }),
  z.strictObject({ type: z.literal('end'), id: FrameId }),
  z.strictObject({ type: z.literal('error'), id: FrameId, error: ErrorBody }),
]);
export type CalleeFrame = z.infer<typeof CalleeFrame>;
