/** The grid that is set up on Create. Pure. */
import { z } from 'zod';
import { planGrid, type PlannedGrid } from '../../../contract/grid-cells.ts';
import { gridFieldFacts } from '../../../contract/grid-fields.ts';
import { GridAxis, type GridField } from '../../../contract/grid.ts';
import type { ImageRequest } from '../../../contract/image-request.ts';
import type { ImageModel } from '../../../contract/models.ts';

export const GridDraft = z.object({
  /** Off keeps what was typed. */
  on: z.boolean(),
  axes: z.array(GridAxis).min(1).max(3),
});
export type GridDraft = z.infer<typeof GridDraft>;

export const emptyGridDraft: GridDraft = {
  on: false,
  axes: [
    { field: 'steps', target: null, values: '8, 16, 24' },
    { field: 'guidance', target: null, values: '3-9 (+3)' },
  ],
};

/** What each axis is called, by its place. */
export const axisTitles = ['Columns', 'Rows', 'Blocks'] as const;

/** The order in which they are offered: what is varied most often comes first. */
export const offeredFields: readonly GridField[] = [
  'steps',
  'guidance',
  'seed',
  'scheduler',
  'schedule',
  'prompt-replace',
  'negative-prompt-replace',
  'model',
  'size',
  'strength',
  'lora-weight',
  'control-weight',
  'hires-scale',
  'hires-strength',
  'hires-steps',
  'hires-upscaler',
  'variation-strength',
  'variation-seed',
  'clip-skip',
  'eta',
  'churn',
  'rescale',
  'mask-blur',
  'emphasis',
  'noise',
  'vae',
  'decoder',
  'refiner-switch',
];

/** Null without a grid. */
export function planDraftGrid(
  { count: _count, grid, seed, ...settings }: ImageRequest,
  { spatialFactor }: ImageModel,
): PlannedGrid | null {
  // Which seed will be drawn makes no difference to what the axes are.
  return grid && planGrid(grid, { ...settings, seed: seed ?? 0 }, Math.max(8, spatialFactor));
}

/** Only what this installation and this prompt can be trusted to have is filled in. */
export function suggestedValues(field: GridField, models: readonly ImageModel[]): string {
  switch (field) {
    case 'model':
      return models
        .filter(({ problem }) => problem === null)
        .map(({ id }) => (/[,"\n]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id))
        .join(', ');
    case 'prompt-replace':
    case 'negative-prompt-replace':
    case 'vae':
      return '';
    default:
      return gridFieldFacts[field].example;
  }
}

/** The next axis varies what no other does. */
export function addAxis({ on, axes }: GridDraft, models: readonly ImageModel[]): GridDraft {
  const field = offeredFields.find((offered) => axes.every((axis) => axis.field !== offered));
  if (!field || axes.length >= axisTitles.length) return { on, axes };
  return { on, axes: [...axes, { field, target: null, values: suggestedValues(field, models) }] };
}

/** @param checked the draft's request, if it is one; @param waiting jobs in the queue */
export function generateLabel(
  checked: { readonly ok: true; readonly plan: PlannedGrid | null } | { readonly ok: false } | null,
  waiting: number,
): string {
  const plan = checked?.ok ? checked.plan : null;
  // There is room for one count; the status line has the other.
  if (plan?.ok) return `Generate grid · ${pictureCount(plan.plan.cells.length)}`;
  return `Generate${waiting > 0 ? ` · ${waiting} waiting` : ''}`;
}

export function pictureCount(count: number): string {
  return count === 1 ? '1 picture' : `${count.toLocaleString('en')} pictures`;
}
