/** What Stable Diffusion web UI writes into the sheet of its X/Y/Z plot. */
import { gridFieldFacts } from '../../../../contract/grid-fields.ts';
import type { GridField, Sheet } from '../../../../contract/grid.ts';

/** Where it has another name for what varies. */
const webUiTypes: Partial<Readonly<Record<GridField, string>>> = {
  model: 'Checkpoint name',
  'prompt-replace': 'Prompt S/R',
  'negative-prompt-replace': 'Prompt S/R',
  'variation-seed': 'Var. seed',
  'variation-strength': 'Var. strength',
  guidance: 'CFG Scale',
  schedule: 'Schedule type',
  churn: 'Sigma Churn',
  strength: 'Denoising',
  'hires-steps': 'Hires steps',
  'hires-upscaler': 'Hires upscaler',
  'refiner-switch': 'Refiner switch at',
  vae: 'VAE',
};
const axisNames = ['X', 'Y', 'Z'] as const;

/** Empty for a picture that is no sheet. */
export function sheetPairs(sheet: Sheet | null): Readonly<Record<string, string>> {
  if (!sheet) return {};
  const axes = sheet.grid.axes.flatMap(({ field, values }, index) => [
    [`${axisNames[index]} Type`, webUiTypes[field] ?? gridFieldFacts[field].title],
    [`${axisNames[index]} Values`, values],
  ]);
  return { Script: 'X/Y/Z plot', ...Object.fromEntries(axes) };
}
