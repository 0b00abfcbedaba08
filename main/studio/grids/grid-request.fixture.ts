/** A grid of six small pictures on the tiny model. */
import type { z } from 'zod';
import type { ImageRequest } from '../../../contract/image-request.ts';

export const gridRequest: z.input<typeof ImageRequest> = {
  modelId: 'tiny',
  prompt: 'a red apple',
  width: 64,
  height: 64,
  steps: 3,
  guidanceScale: 4,
  scheduler: 'euler',
  sigmaSchedule: 'normal',
  seed: 5,
  grid: {
    axes: [
      { field: 'steps', values: '2-4' },
      { field: 'scheduler', values: 'Euler a, ddim' },
    ],
  },
};
