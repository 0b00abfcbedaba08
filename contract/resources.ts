/** Adapters beside the models: LoRA and embedding files, ControlNets, upscalers, autoencoders. */
import { z } from 'zod';

export const resourceKinds = ['lora', 'embedding', 'controlnet', 'upscaler', 'vae'] as const;
export const ResourceKind = z.enum(resourceKinds);
export type ResourceKind = z.infer<typeof ResourceKind>;
