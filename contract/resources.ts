/** Adapters beside the models: LoRA and embedding files, ControlNets, upscalers, autoencoders. */
import { z } from 'zod';
import { ContentHash } from './ids.ts';
import { ResourceId } from './image-options.ts';
import { call, stream } from './rpc.ts';

export const resourceKinds = ['lora', 'embedding', 'controlnet', 'upscaler', 'vae'] as const;
export const ResourceKind = z.enum(resourceKinds);
export type ResourceKind = z.infer<typeof ResourceKind>;

export const Resource = z.object({
  /** What `<lora:id:1>` and a bare embedding word name: the file or folder name without its ending. */
  id: ResourceId,
  kind: ResourceKind,
  name: z.string(),
  /** Other names that prompts may use. */
  aliases: z.array(z.string()),
  path: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** SHA-256 of the file; null until first computed. */
  hash: ContentHash.nullable(),
  /** What it was made for, such as `sd1` or `sdxl`, where the file tells. */
  family: z.string().nullable(),
  /** Words that its maker says bring it out. */
  triggerWords: z.array(z.string()),
  /** As its maker states it; null where the file does not tell. */
  licence: z.string().nullable(),
  /** Why it cannot be used; null when it can. */
  problem: z.string().nullable(),
});
export type Resource = z.infer<typeof Resource>;

const plainName = z
  .string()
  .max(200)
  .regex(/^[^./\\\0][^/\\\0]*$/, 'A file needs a plain name.');

/** A file, or one of a folder's, of a window that does not know where it lies: piece by piece, in order. */
export const ReceivedPiece = z.object({
  /** One for each file or folder, made by the sender. */
  transfer: z.uuid(),
  /** Of the file, with its ending. */
  name: plainName,
  /** The folders that it lies in, from the one that is sent on; empty for a file alone. */
  folders: z.array(plainName).max(8).default([]),
  /** Whether the folder has further files, which follow. */
  more: z.boolean().default(false),
  kind: ResourceKind.nullable().default(null),
  /** Of the whole file. */
  sizeBytes: z.number().int().nonnegative(),
  offset: z.number().int().nonnegative(),
  bytes: z.instanceof(Uint8Array),
});
export type ReceivedPiece = z.infer<typeof ReceivedPiece>;

export const resourcesContract = {
  'resources.list': call(z.object({}), z.array(Resource)),
  'resources.refresh': call(z.object({}), z.array(Resource)),
  'resources.watch': stream(z.object({}), z.array(Resource)),
  /** Copies a file or folder on this machine into the library after checking it. */
  'resources.import': call(
    z.object({ path: z.string().min(1), kind: ResourceKind.nullable().default(null) }),
    Resource,
  ),
  /** As `resources.import`, for files without a path; null until the last piece. */
  'resources.receive': call(ReceivedPiece, z.object({ imported: Resource.nullable() })),
} as const;
