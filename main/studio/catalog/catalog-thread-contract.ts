/** The catalog ⇄ its thread, which reads model folders so that the main thread never waits for a disk. */
import { z } from 'zod';
import { Model } from '../../../contract/models.ts';
import { call } from '../../../contract/rpc.ts';

export const ModelFileShape = z.object({
  path: z.string(),
  sizeBytes: z.number().int(),
  modifiedMs: z.number(),
});

export const catalogThreadContract = {
  inspect: call(
    z.object({ folder: z.string(), bundled: z.boolean() }),
    /** Null where the folder holds no model. */
    z.object({ found: z.object({ model: Model, weights: z.array(ModelFileShape) }).nullable() }),
  ),
  /** SHA-256 over lines of `path, size, SHA-256`, in the order given. */
  hash: call(
    z.object({ folder: z.string(), weights: z.array(ModelFileShape) }),
    z.object({ hash: z.string() }),
  ),
  /** Copies a model's files into a new folder; hidden files and links are left out. */
  copy: call(z.object({ from: z.string(), to: z.string() }), z.object({})),
  card: call(z.object({ folder: z.string() }), z.object({ markdown: z.string().nullable() })),
} as const;
