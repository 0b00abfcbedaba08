/** What a job's request asks for, picture by picture. */
import { StudioError } from '../../../contract/errors.ts';
import { planGrid, type GridPlan } from '../../../contract/grid-cells.ts';
import { gridFieldFacts } from '../../../contract/grid-fields.ts';
import type { Grid } from '../../../contract/grid.ts';
import type { ImageRequest, ImageSettings } from '../../../contract/image-request.ts';

type SeededRequest = ImageRequest & { readonly seed: number };

/** @throws {StudioError} `bad-request` that names the axis and what is wrong in it */
export function planRequest(request: SeededRequest, grid: Grid, sideMultiple = 8): GridPlan {
  const planned = planGrid(grid, sharedSettings(request), sideMultiple);
  if (planned.ok) return planned.plan;
  const sentences = planned.problems.map(({ axis, message, start }) => {
    const field = grid.axes[axis]?.field;
    const title = field ? gridFieldFacts[field].title : `axis ${axis + 1}`;
    return `Grid, ${title}, at character ${start + 1}: ${message}`;
  });
  throw new StudioError('bad-request', sentences.join(' '));
}

/**
 * In the order in which they are drawn: the request's own seed raised by the index; of variations,
 * that of the last; of a grid, its cells.
 * @throws {StudioError} `bad-request`
 */
export function picturesOf(request: SeededRequest): readonly ImageSettings[] {
  const settings = sharedSettings(request);
  if (request.grid) return planRequest(request, request.grid).cells.map((cell) => cell.settings);
  const last = settings.variation.at(-1);
  return Array.from({ length: request.count }, (_, index) =>
    last && last.strength > 0
      ? {
          ...settings,
          variation: [...settings.variation.slice(0, -1), { ...last, seed: last.seed + index }],
        }
      : { ...settings, seed: settings.seed + index },
  );
}

/** What all pictures of a request begin from. */
export function sharedSettings(request: SeededRequest): ImageSettings {
  const { count: _count, grid: _grid, ...settings } = request;
  return settings;
}
