/** What is wrong with a library, as the thread that looks tells it to the one that mends. */
import { z } from 'zod';
import { Finding } from '../../../../contract/care.ts';

export const Problem = Finding.omit({ isMended: true }).extend({
  /** Key of the row it is about; null where it is about none. */
  seq: z.number().int().nullable(),
  /** A file without a row that holds what a missing one held. */
  foundAt: z.string().nullable(),
});
export type Problem = z.infer<typeof Problem>;

export const Mended = z.object({
  isMended: z.boolean(),
  /** What was done, or what a person can do; null to leave what the problem says. */
  remedy: z.string().nullable(),
});
export type Mended = z.infer<typeof Mended>;

export function problem(
  kind: Problem['kind'],
  subject: string,
  message: string,
  remedy: string | null,
  about: { readonly seq?: number; readonly foundAt?: string | null } = {},
): Problem {
  return {
    kind,
    subject,
    message,
    remedy,
    seq: about.seq ?? null,
    foundAt: about.foundAt ?? null,
  };
}
