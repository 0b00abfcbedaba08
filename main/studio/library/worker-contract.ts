/** The library's main-thread face ⇄ its two threads: one writes, one answers questions meanwhile. */
import { z } from 'zod';
import { ImageId, JobId } from '../../../contract/ids.ts';
import {
  ImageDetail,
  ImagePage,
  PageQuery,
  ImageSummary,
  LibraryReport,
  Recipe,
} from '../../../contract/images.ts';
import { PromptUse } from '../../../contract/prompts.ts';
import { call, stream } from '../../../contract/rpc.ts';

const Ids = z.object({ ids: z.array(ImageId) });

export const writerContract = {
  /** Locks, migrates and heals the library. Before anything else, once. */
  open: call(
    z.object({ folder: z.string(), host: z.string() }),
    z.object({
      adopted: z.number().int(),
      relinked: z.number().int(),
      unreadable: z.array(z.string()),
      /** Where a damaged database was put; null when it was sound. */
      damagedDatabase: z.string().nullable(),
    }),
  ),
  add: call(
    z.object({
      png: z.instanceof(Uint8Array),
      width: z.number().int(),
      height: z.number().int(),
      recipe: Recipe,
      embedRecipe: z.boolean(),
    }),
    z.object({ summary: ImageSummary, added: z.boolean() }),
  ),
  rate: call(Ids.extend({ rating: z.number().int().min(0).max(5) }), Ids),
  trash: call(Ids, Ids),
  restore: call(Ids, Ids),
  emptyTrash: call(z.object({}), z.object({ deleted: z.number().int() })),
  rebuild: stream(z.object({}), z.object({ done: z.number().int(), total: z.number().int() })),
  close: call(z.object({}), z.object({})),
} as const;

export const readerContract = {
  open: call(z.object({ folder: z.string() }), z.object({})),
  page: call(
    z.object({ query: PageQuery, cursor: z.string().nullable(), limit: z.number().int() }),
    ImagePage,
  ),
  get: call(z.object({ id: ImageId }), ImageDetail),
  finished: call(
    z.object({ jobId: JobId }),
    z.object({ pictures: z.array(z.object({ index: z.number().int(), imageId: ImageId })) }),
  ),
  /** Distinct prompts, newest first, that hold all words of the text. */
  prompts: call(
    z.object({ text: z.string(), limit: z.number().int() }),
    z.object({ prompts: z.array(PromptUse) }),
  ),
  /** Where a picture's file lies, and its content hash. */
  place: call(z.object({ id: ImageId }), z.object({ path: z.string(), contentHash: z.string() })),
  check: call(z.object({}), LibraryReport),
  close: call(z.object({}), z.object({})),
} as const;
