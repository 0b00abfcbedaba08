/** What a picture can be said to be, apart from what it shows. */
import { z } from 'zod';

export const flagNames = ['pick', 'reject'] as const;
export const Flag = z.enum(flagNames);
export type Flag = z.infer<typeof Flag>;

export const labelNames = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;
export const ColourLabel = z.enum(labelNames);
export type ColourLabel = z.infer<typeof ColourLabel>;

export const pictureFormats = ['png', 'jpeg', 'webp', 'avif', 'gif', 'tiff'] as const;
export const PictureFormat = z.enum(pictureFormats);
export type PictureFormat = z.infer<typeof PictureFormat>;

/** `drawn`: made by a job of this studio or another one of ours; `imported`: by anything else. */
export const pictureSources = ['drawn', 'imported'] as const;
export const PictureSource = z.enum(pictureSources);
export type PictureSource = z.infer<typeof PictureSource>;

/** What wrote the metadata of a picture. */
export const programNames = [
  'atelier',
  'web-ui',
  'comfyui',
  'invokeai',
  'fooocus',
  'draw-things',
  'novelai',
  'other',
] as const;
export const ProgramName = z.enum(programNames);
export type ProgramName = z.infer<typeof ProgramName>;
