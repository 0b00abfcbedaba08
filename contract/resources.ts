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
  path: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** SHA-256 of the file; null until first computed. */
  hash: ContentHash.nullable(),
  /** What it was made for, such as `sd1` or `sdxl`, where the file tells. */
  family: z.string().nullable(),
  /** Words that its maker says bring it out. */
  triggerWords: z.array(z.string()),
  /** Why it cannot be used; null when it can. */
  problem: z.string().nullable(),
});
export type Resource = z.infer<typeof Resource>;

export const resourcesContract = {
  'resources.list': call(z.object({}), z.array(Resource)),
  'resources.refresh': call(z.object({}), z.array(Resource)),
  'resources.watch': stream(z.object({}), z.array(Resource)),
  /** Copies a file or folder on this machine into the library after checking it. */
  'resources.import': call(
    z.object({ path: z.string().min(1), kind: ResourceKind.nullable().default(null) }),
    Resource,
  ),
} as const;
