/** The library of pictures. */
import { z } from 'zod';
import { Sheet } from './grid.ts';
import { ContentHash, ImageId, JobId, Timestamp } from './ids.ts';
import { ImageSettings } from './image-request.ts';
import { ResourceKind } from './resources.ts';
import { call, stream } from './rpc.ts';
import { ProviderName } from './system.ts';

/**
 * Everything needed to make a picture again; embedded in its file as JSON.
 * `version` rises when a field changes its meaning.
 */
export const Recipe = z.object({
  version: z.literal(1),
  settings: ImageSettings,
  /** The prompt after wildcards and the like were resolved. */
  resolvedPrompt: z.string(),
  resolvedNegativePrompt: z.string().optional(),
  /** Adapters that took part, with the hash of each file. */
  resources: z
    .array(
      z.object({
        kind: ResourceKind,
        name: z.string(),
        hash: z.string(),
        /** SHA-256 of a `.safetensors` file behind its header, by which the web UI knows a LoRA. */
        tensorsHash: z.string().optional(),
        weight: z.number(),
      }),
    )
    .default([]),
  /** The axes of a sheet and the pictures on it; null for any other picture. */
  sheet: Sheet.nullable().default(null),
  modelName: z.string(),
  modelHash: z.string(),
  provider: ProviderName,
  /** Versions of what made it: `atelier`, `onnxruntime`. */
  versions: z.record(z.string(), z.string()),
  jobId: JobId.nullable(),
  /** Index within the job, from 0; null for a picture that no job made. */
  pictureIndex: z.number().int().nonnegative().nullable(),
  createdAt: Timestamp,
  /** Wall-clock milliseconds from the first denoising step to the decoded picture. */
  durationMs: z.number(),
});
export type Recipe = z.infer<typeof Recipe>;

/** What the grid needs. */
export const ImageSummary = z.object({
  id: ImageId,
  contentHash: ContentHash,
  width: z.number().int(),
  height: z.number().int(),
  createdAt: Timestamp,
  prompt: z.string(),
  rating: z.number().int().min(0).max(5),
  /** Addresses that the window can load: same origin as the page. Other sizes: see `thumbnailUrlOf`. */
  url: z.string(),
  thumbnailUrl: z.string(),
  /** Whether it shows the pictures of a grid. */
  isSheet: z.boolean(),
});
export type ImageSummary = z.infer<typeof ImageSummary>;

export const ImageDetail = ImageSummary.extend({
  fileName: z.string(),
  path: z.string(),
  sizeBytes: z.number().int(),
  recipe: Recipe.nullable(),
  /** The A1111 text as it stands in the file; null when there is none. */
  parameters: z.string().nullable(),
  missing: z.boolean(),
});
export type ImageDetail = z.infer<typeof ImageDetail>;

export const ImageQuery = z.object({
  /** Words that must all occur in prompt, negative prompt or model name. */
  text: z.string().max(1000).default(''),
  minRating: z.number().int().min(0).max(5).default(0),
  trashed: z.boolean().default(false),
});
export type ImageQuery = z.infer<typeof ImageQuery>;

export const ImagePage = z.object({
  items: z.array(ImageSummary),
  /** Pictures that match the query in all. */
  total: z.number().int(),
  /** Pass to the next call; null at the end. Newest first. */
  cursor: z.string().nullable(),
});
export type ImagePage = z.infer<typeof ImagePage>;

export const LibraryChange = z.object({
  kind: z.enum(['added', 'changed', 'trashed', 'restored', 'reset']),
  ids: z.array(ImageId),
});
export type LibraryChange = z.infer<typeof LibraryChange>;

export const LibraryReport = z.object({
  images: z.number().int(),
  trashed: z.number().int(),
  /** Rows whose file is gone. */
  missingFiles: z.array(z.string()),
  /** Files without a row. */
  orphanFiles: z.array(z.string()),
  /** Files whose content is not what the row says. */
  changedFiles: z.array(z.string()),
  integrity: z.string(),
});
export type LibraryReport = z.infer<typeof LibraryReport>;

export const imagesContract = {
  'images.page': call(
    z.object({
      query: ImageQuery.default({ text: '', minRating: 0, trashed: false }),
      cursor: z.string().nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    ImagePage,
  ),
  'images.get': call(z.object({ id: ImageId }), ImageDetail),
  'images.rate': call(
    z.object({ ids: z.array(ImageId).min(1), rating: z.number().int().min(0).max(5) }),
    z.object({}),
  ),
  /** Moves files to the library's trash; `images.restore` with the same ids undoes it. */
  'images.trash': call(z.object({ ids: z.array(ImageId).min(1) }), z.object({})),
  'images.restore': call(z.object({ ids: z.array(ImageId).min(1) }), z.object({})),
  /** Deletes trashed files for good. */
  'images.emptyTrash': call(z.object({}), z.object({ deleted: z.number().int() })),
  'images.reveal': call(z.object({ id: ImageId }), z.object({})),
  'images.watch': stream(z.object({}), LibraryChange),
  'library.check': call(z.object({}), LibraryReport),
  /** Makes the database anew from the files alone. */
  'library.rebuild': stream(
    z.object({}),
    z.object({ done: z.number().int(), total: z.number().int() }),
  ),
} as const;
