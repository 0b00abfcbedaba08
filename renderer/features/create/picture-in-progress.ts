/** Which picture of a job is being drawn. Pure. */
import { labelsAt, planGrid } from '../../../contract/grid-cells.ts';
import type { Job } from '../../../contract/queue.ts';

interface PictureInProgress {
  /** Null for a job of one picture. */
  readonly title: string | null;
  readonly width: number;
  readonly height: number;
}

/** @param picture counts from 0 */
export function pictureInProgress(request: Job['request'], picture: number): PictureInProgress {
  const { count, grid, ...settings } = request;
  const place = count === 1 ? null : `Picture ${picture + 1} of ${count}`;
  const planned = grid && planGrid(grid, settings);
  const cell = planned?.ok ? planned.plan.cells[picture] : undefined;
  if (!planned?.ok || !cell)
    return { title: place, width: settings.width, height: settings.height };
  return {
    title: [place, ...labelsAt(planned.plan.labels, cell.place)]
      .filter((part) => part !== null)
      .join(' · '),
    width: cell.settings.width,
    height: cell.settings.height,
  };
}
