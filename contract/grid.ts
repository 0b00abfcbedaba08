/** Pictures along two or three axes: one job, one picture per cell, and a labelled sheet of all. */
import { z } from 'zod';

/**
 * What an axis may vary. Values are text, read by the field: numbers also as `1-5`, `1-9 (+2)` and
 * `1-10 [4]`; `prompt-replace` takes the first value for the words to replace; sizes as `512x768`.
 */
export const gridFields = [
  'prompt-replace',
  'negative-prompt-replace',
  'model',
  'seed',
  'steps',
  'guidance',
  'scheduler',
  'schedule',
  'size',
  'strength',
  'clip-skip',
  'variation-strength',
  'eta',
  'lora-weight',
  'control-weight',
  'hires-scale',
  'hires-strength',
  'vae',
] as const;
export const GridField = z.enum(gridFields);
export type GridField = z.infer<typeof GridField>;

export const GridAxis = z.object({
  field: GridField,
  /** As typed, one per cell or a range. */
  values: z.array(z.string().max(2000)).min(1).max(200),
});
export type GridAxis = z.infer<typeof GridAxis>;

export const Grid = z.object({
  /** Columns, rows, then sheets. */
  axes: z.array(GridAxis).min(1).max(3),
});
export type Grid = z.infer<typeof Grid>;
