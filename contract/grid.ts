/** Pictures along two or three axes: one job, one picture per cell, and a labelled sheet of all. */
import { z } from 'zod';
import { ImageId } from './ids.ts';
import { ResourceId } from './image-options.ts';

/** What an axis may vary, in the order in which axes act: a sampler's name may bring a schedule along. */
export const gridFields = [
  'model',
  'prompt-replace',
  'negative-prompt-replace',
  'seed',
  'variation-seed',
  'variation-strength',
  'steps',
  'guidance',
  'rescale',
  'scheduler',
  'schedule',
  'eta',
  'churn',
  'size',
  'strength',
  'mask-blur',
  'clip-skip',
  'emphasis',
  'noise',
  'lora-weight',
  'control-weight',
  'hires-scale',
  'hires-strength',
  'hires-steps',
  'hires-upscaler',
  'refiner-switch',
  'vae',
  'decoder',
] as const;
export const GridField = z.enum(gridFields);
export type GridField = z.infer<typeof GridField>;

export const GridAxis = z.object({
  field: GridField,
  /** Which LoRA or ControlNet an axis of weights is about; null for all that take part. */
  target: ResourceId.nullable().default(null),
  /** As typed; `grid-values.ts` says how it is read. */
  values: z.string().max(20_000),
});
export type GridAxis = z.infer<typeof GridAxis>;

export const Grid = z.object({
  /** Columns, rows, then blocks of rows. */
  axes: z.array(GridAxis).min(1).max(3),
});
export type Grid = z.infer<typeof Grid>;

/** What a sheet holds. */
export const Sheet = z.object({
  grid: Grid,
  /** The picture of each cell: row by row, block by block. */
  cells: z.array(ImageId),
});
export type Sheet = z.infer<typeof Sheet>;
