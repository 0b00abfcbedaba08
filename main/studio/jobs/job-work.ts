/** The pictures of a running job, and how far it is with them. */
import type { ImageSettings } from '../../../contract/image-request.ts';
import type { Job, JobProgress } from '../../../contract/queue.ts';
import { picturesOf } from '../grids/plan-request.ts';
import { createPace } from './pace.ts';

export interface JobWork {
  readonly pictures: readonly ImageSettings[];
  startPicture(): void;
  step(): void;
  /** @param step steps that are done of that picture */
  progress(phase: JobProgress['phase'], picture: number, step: number): JobProgress;
}

/** @throws {StudioError} `bad-request` for a grid that this version cannot read */
export function createJobWork({ request }: Job): JobWork {
  const pictures = picturesOf(request);
  /** Steps of all pictures from an index on. */
  const stepsFrom = [0];
  for (const { steps } of pictures.toReversed()) stepsFrom.unshift(steps + (stepsFrom[0] ?? 0));
  const pace = createPace((stepsFrom[0] ?? 0) / pictures.length);
  return {
    pictures,
    startPicture: () => pace.startPicture(),
    step: () => pace.step(),
    progress: (phase, picture, step) => ({
      phase,
      picture,
      step,
      steps: pictures[picture]?.steps ?? request.steps,
      ...pace.estimate((stepsFrom[picture] ?? 0) - step),
    }),
  };
}
